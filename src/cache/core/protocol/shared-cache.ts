import { type Clock, type Milliseconds, within } from '../clock.js';
import { CacheError } from '../errors.js';
import type { Emit } from '../events.js';
import type { LogRow, Mark, SharedIdentity, SharedStore } from './ports.js';
import { EVERYTHING, type Tag } from '../tags.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
/** Trust that lasted this long earns a quick retry again; a server that flaps is asked ever more rarely. */
const STEADY_MS = 30_000;
/** A mark is refreshed this often even if nothing happened, so that the pruned log still covers it. */
const MARK_EVERY_MS = 10_000;
/** A replay of more tags than this renews everything instead: one by one they would outlast the time-out, each time. */
const MAX_REPLAYED_TAGS = 10_000;

/** The mark from which the log must be replayed before the shared cache may be trusted. */
export interface Recovery {
  readonly identity: SharedIdentity;
  readonly mark: Mark | undefined;
}

/**
 * Whether the shared cache may be trusted, and the steps back to trust: its mark is read, *then* the log, and
 * all that the log has since the mark is applied. Any doubt (a connection made, a renewal or a read that failed)
 * ends trust. Lost trust also acts as an open circuit breaker: no request waits for Redis.
 */
export class SharedCache {
  private trusted: SharedIdentity | undefined;
  private recovery: Recovery | undefined;
  private retryMs: Milliseconds = FIRST_RETRY_MS;
  private probing = false;
  private retryPlanned = false;
  private trustedSince = Infinity;
  private markedAt = -Infinity;
  /** Grows with every loss of trust: an answer asked for under an older one is not trusted. */
  private generation = 0;
  private isFull = false;

  constructor(
    readonly store: SharedStore,
    private readonly clock: Clock,
    private readonly emit: Emit,
    private readonly timeoutMs: Milliseconds,
    /** Asks for a call of the log reader that is sent from now on. */
    private readonly readLog: () => Promise<unknown>,
  ) {
    store.onConnection((state) => {
      if (state === 'down') this.distrust('connection lost');
      else {
        this.distrust('new connection');
        void this.probe();
      }
    });
  }

  start(): void {
    if (this.store.isUp()) void this.probe();
  }

  get identity(): SharedIdentity | undefined {
    return this.trusted;
  }

  get trust(): number | undefined {
    return this.trusted === undefined ? undefined : this.generation;
  }

  /** A command of the read path: undefined when the shared cache is not trusted, before or after. */
  async use<T>(command: (store: SharedStore) => Promise<T>): Promise<T | undefined> {
    const trust = this.trust;
    if (trust === undefined) return undefined;
    try {
      const answer = await this.bounded(command(this.store));
      return this.trust === trust ? answer : undefined;
    } catch (error) {
      // A full server has lost nothing: its entries and tokens are as valid as before.
      if (!refusesData(error) && this.trust === trust) this.distrust('command failed', error);
      return undefined;
    }
  }

  /** True: the tokens are renewed in the server that is trusted. False: nothing in it is trusted any more. */
  async renew(tags: readonly Tag[]): Promise<boolean> {
    const identity = this.trusted;
    if (identity === undefined) return false;
    const trust = this.generation;
    try {
      await this.bounded(this.store.renew(identity, tags));
      return this.trust === trust;
    } catch (error) {
      if (this.trust === trust) this.distrust('renewal failed', error);
      return false;
    }
  }

  /** The replay that the call that begins now has to do, if any. */
  get pending(): Recovery | undefined {
    return this.recovery;
  }

  /**
   * Ends a recovery with the rows that the log has since the mark, in a read sent after the mark was read.
   * `rows` undefined: the log does not reach back to the mark.
   */
  async recover(recovery: Recovery, rows: readonly LogRow[] | undefined, upTo: Mark): Promise<void> {
    const named = [...new Set(rows?.flatMap((row) => row.tags))];
    // Which keys a glob dropped is not known any more.
    const lost = !rows || rows.some((row) => row.glob !== null) || named.length > MAX_REPLAYED_TAGS;
    const tags = lost ? [EVERYTHING] : named;
    const trust = this.generation;
    try {
      if (tags.length > 0) await this.bounded(this.store.renew(recovery.identity, tags));
      await this.writeMark(recovery.identity, upTo);
    } catch (error) {
      if (this.recovery === recovery) this.distrust('replay failed', error);
      return;
    }
    if (this.recovery !== recovery || this.generation !== trust) return;
    this.recovery = undefined;
    this.trusted = recovery.identity;
    this.trustedSince = this.clock.monotonicMs();
    this.markedAt = this.clock.monotonicMs();
    this.emit({ type: 'replay', rows: rows?.length ?? 0, full: lost });
    this.emit({ type: 'shared', state: 'trusted' });
  }

  /** Says that the tokens are complete up to `snapshot`; at once after changes, else now and then. */
  async mark(upTo: Mark, changed: boolean): Promise<void> {
    if (!changed && this.clock.monotonicMs() - this.markedAt < MARK_EVERY_MS) return;
    const identity = this.trusted;
    if (identity === undefined) return;
    this.markedAt = this.clock.monotonicMs();
    const trust = this.generation;
    try {
      await this.writeMark(identity, upTo);
    } catch (error) {
      if (this.trust === trust) this.distrust('mark failed', error);
    }
  }

  /**
   * A full server takes no mark and is trusted all the same: its tokens are as complete as they were. The mark says
   * what a later replay may leave out, so that an older one makes it longer, and where there is none, or the log does not
   * reach back to it any more, everything is renewed. (A renewal needs no room; one that is refused does end trust.)
   */
  private async writeMark(identity: SharedIdentity, upTo: Mark): Promise<void> {
    try {
      await this.bounded(this.store.mark(identity, upTo));
      this.isFull = false;
    } catch (error) {
      if (!refusesData(error)) throw error;
      if (!this.isFull) this.emit({ type: 'trouble', what: 'storing in Redis', error });
      this.isFull = true;
    }
  }

  /** The database is another one: no mark and no token speaks of it. */
  databaseChanged(): void {
    this.distrust('database changed');
    if (this.store.isUp()) void this.probe();
  }

  distrust(reason: string, error?: unknown): void {
    const before = this.trusted !== undefined || this.recovery !== undefined;
    if (this.clock.monotonicMs() - this.trustedSince > STEADY_MS) this.retryMs = FIRST_RETRY_MS;
    this.trustedSince = Infinity;
    this.trusted = undefined;
    this.recovery = undefined;
    this.generation++;
    if (before) {
      this.emit({ type: 'shared', state: 'down', reason });
      if (error !== undefined) this.emit({ type: 'trouble', what: 'the shared cache', error });
    }
    this.retryLater();
  }

  private retryLater(): void {
    if (this.retryPlanned) return;
    this.retryPlanned = true;
    this.clock.after(this.retryMs, () => {
      this.retryPlanned = false;
      void this.probe();
    });
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  /** Mark first, then the log: a log read from before the mark may lack a row that was told and forgotten since. */
  private async probe(): Promise<void> {
    if (this.probing || this.trusted !== undefined || !this.store.isUp()) return;
    this.probing = true;
    const trust = this.generation;
    try {
      const { identity, mark } = await this.bounded(this.store.inspect());
      if (this.generation !== trust) return;
      this.recovery = { identity, mark };
      this.emit({ type: 'shared', state: 'recovering' });
      await this.readLog();
    } catch {
      // The server or the database cannot be asked now; asked again below.
    } finally {
      this.probing = false;
      if (this.trusted === undefined) this.retryLater();
    }
  }

  private bounded<T>(work: Promise<T>): Promise<T> {
    return within(
      this.clock,
      this.timeoutMs,
      work,
      () => new CacheError('CACHE_TIMEOUT', `The shared cache did not answer within ${this.timeoutMs} ms`),
    );
  }
}

function refusesData(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'CACHE_SHARED_FULL';
}
