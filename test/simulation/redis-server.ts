import { CacheError } from '../../src/cache/core/errors.js';
import type { Scheduler } from './scheduler.js';

interface Stored {
  readonly value: Buffer | string;
  readonly expiresAtMs: number;
}

const JOURNAL = 60;

/** One run of one Redis. Commands are run in the order in which they arrive; those that come to a frozen one wait. */
export class RedisServer {
  /** Full and set not to evict: what needs memory is refused. */
  full = false;
  alive = true;
  private frozen = false;
  private readonly held: (() => void)[] = [];
  private readonly data = new Map<string, Stored>();
  /** What the last changes replaced, so that a replica can lack them. */
  private readonly journal: { key: string; before: Stored | undefined }[] = [];

  constructor(
    readonly run: string,
    readonly lineage: string,
    private readonly scheduler: Scheduler,
  ) {}

  get identity(): string {
    return `${this.run}/${this.lineage}`;
  }

  execute(command: () => void): void {
    if (!this.alive) return;
    if (this.frozen) this.held.push(command);
    else command();
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const command of this.held.splice(0)) command();
  }

  get(key: string): Buffer | string | undefined {
    const stored = this.data.get(key);
    return stored && stored.expiresAtMs > this.scheduler.nowMs ? stored.value : undefined;
  }

  set(key: string, value: Buffer | string, ttlMs = Infinity, onlyIfAbsent = false): boolean {
    if (this.full) throw new CacheError('CACHE_SHARED_FULL', 'OOM command not allowed when used memory > maxmemory');
    if (onlyIfAbsent && this.get(key) !== undefined) return false;
    this.change(key, { value, expiresAtMs: this.scheduler.nowMs + ttlMs });
    return true;
  }

  unlink(key: string): void {
    if (this.data.has(key)) this.change(key, undefined);
  }

  get keys(): string[] {
    return [...this.data.keys()];
  }

  flush(): void {
    for (const key of this.keys) this.unlink(key);
  }

  /** Another run with the same data but for the last `lost` changes; infinitely many: empty. */
  successor(run: string, lineage: string, lost: number): RedisServer {
    const next = new RedisServer(run, lineage, this.scheduler);
    if (lost > JOURNAL) return next;
    for (const [key, stored] of this.data) next.data.set(key, stored);
    for (const { key, before } of this.journal.slice(Math.max(0, this.journal.length - lost)).reverse()) {
      if (before) next.data.set(key, before);
      else next.data.delete(key);
    }
    return next;
  }

  private change(key: string, stored: Stored | undefined): void {
    this.journal.push({ key, before: this.data.get(key) });
    if (this.journal.length > JOURNAL) this.journal.shift();
    if (stored) this.data.set(key, stored);
    else this.data.delete(key);
  }
}
