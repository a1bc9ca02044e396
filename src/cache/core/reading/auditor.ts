import type { Milliseconds, MonotonicMs } from '../clock.js';
import type { Entry } from '../entry.js';
import type { InProcessLayer } from './in-process-layer.js';
import type { CacheParts, Read } from './read.js';
import { loadAlone } from './load-alone.js';

/**
 * Now and then compares an entry that was just served with the source of truth. A difference that no invalidation
 * explains is a defect (of this code, or of a write that fired no trigger): it is told, and the entry dropped.
 */
export class Auditor {
  private checkedAt: MonotonicMs;
  private checking = false;

  constructor(
    private readonly parts: CacheParts,
    private readonly local: InProcessLayer,
    /** At most one check in this time; 0: none. */
    private readonly everyMs: Milliseconds,
  ) {
    this.checkedAt = parts.clock.monotonicMs();
  }

  /** A value that was just loaded proves nothing, and a cold key must cost one query only. */
  isDue(served: Pick<Entry, 'storedAt'>): boolean {
    const { clock } = this.parts;
    return (
      this.everyMs > 0 &&
      !this.checking &&
      clock.monotonicMs() - this.checkedAt >= this.everyMs &&
      clock.wallMs() - served.storedAt >= this.everyMs
    );
  }

  /** Never rejects; a source that cannot be asked now proves nothing. */
  async check(read: Read, served: Entry): Promise<void> {
    this.checking = true;
    this.checkedAt = this.parts.clock.monotonicMs();
    try {
      const { cache, prefix } = read.partition;
      const loaded = await loadAlone(this.parts, read);
      if (loaded.body.equals(served.body)) return this.parts.emit({ type: 'audited', cache, prefix, mismatch: false });
      // A write after the entry was served is in the log that is read now.
      await this.parts.reader.fresh();
      // Compared by body: keeping a derived coding has replaced the entry by another one with the same body.
      const now = this.local.findOfAnyAge(read.key);
      const current = now?.body.equals(served.body) === true && this.parts.board.isValid(served.stamp);
      this.parts.emit({ type: 'audited', cache, prefix, mismatch: current });
      if (!current) return;
      const excerpt = (body: Buffer) => body.toString('utf8', 0, 500);
      this.parts.emit({ type: 'audit-mismatch', key: read.key, served: excerpt(served.body), source: excerpt(loaded.body) });
      this.local.drop(read.key);
      await this.parts.shared?.renew(read.tags);
    } catch {
      // The database is down, or the row is gone and its route says so in its own way.
    } finally {
      this.checking = false;
    }
  }
}
