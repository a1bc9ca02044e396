import { CacheError } from '../../src/cache/core/errors.js';
import type { Scheduler } from './scheduler.js';

interface Stored {
  readonly value: Buffer | string;
  readonly expiresAtMs: number;
}

const JOURNAL = 60;

/** One run of one Redis. Commands are run in the order in which they arrive; those that come to a frozen one wait. */
export class RedisServer {
  /** `data`: full and set not to evict. `changes`: it cannot save, so that nothing may be dropped, either. */
  refuses: 'nothing' | 'data' | 'changes' = 'nothing';
  alive = true;
  private frozen = false;
  private following = false;
  private readonly held: (() => void)[] = [];
  private data = new Map<string, Stored>();
  /** What the last changes replaced, so that a replica can lack them. */
  private readonly journal: { key: string; before: Stored | undefined }[] = [];

  constructor(
    readonly run: string,
    /** Of the data: `master_replid`. */
    private lineage: string,
    private readonly scheduler: Scheduler,
  ) {}

  /** @throws where it follows another server, as the scripts that look do. */
  get identity(): string {
    if (this.following) throw new Error('REPLICA this server is no master');
    return `${this.run}/${this.lineage}`;
  }

  /** Whether it leads, and has the data of that identity. */
  is(identity: string | undefined): boolean {
    return !this.following && this.identity === identity;
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

  /** `REPLICAOF` a server that lacks the last changes: other data in the same run, under connections that stay open. */
  follow(lineage: string, lost: number): void {
    this.data = this.lacking(lost);
    this.journal.length = 0;
    this.lineage = lineage;
    this.following = true;
  }

  /** `REPLICAOF NO ONE`: it keeps what it has, which is a lineage of its own from then on. */
  lead(lineage: string): void {
    if (!this.following) return;
    this.lineage = lineage;
    this.following = false;
  }

  set(key: string, value: Buffer | string, ttlMs = Infinity, onlyIfAbsent = false): boolean {
    this.mustLead();
    if (this.refuses !== 'nothing')
      throw new CacheError('CACHE_SHARED_FULL', 'OOM command not allowed when used memory > maxmemory');
    if (onlyIfAbsent && this.get(key) !== undefined) return false;
    this.change(key, { value, expiresAtMs: this.scheduler.nowMs + ttlMs });
    return true;
  }

  unlink(key: string): void {
    this.mustLead();
    if (this.refuses === 'changes')
      throw new CacheError('CACHE_SHARED_FULL', 'MISCONF commands that may modify the data set are disabled');
    if (this.data.has(key)) this.change(key, undefined);
  }

  get keys(): string[] {
    return [...this.data.keys()];
  }

  flush(): void {
    this.drop(() => true);
  }

  /** By itself, whoever it follows. */
  drop(chosen: (key: string) => boolean): void {
    for (const key of this.keys) if (chosen(key)) this.change(key, undefined);
  }

  /** Another run with the same data but for the last `lost` changes; infinitely many: empty. */
  successor(run: string, lineage: string, lost: number): RedisServer {
    const next = new RedisServer(run, lineage, this.scheduler);
    next.data = this.lacking(lost);
    return next;
  }

  private lacking(lost: number): Map<string, Stored> {
    if (lost > JOURNAL) return new Map();
    const data = new Map(this.data);
    for (const { key, before } of this.journal.slice(Math.max(0, this.journal.length - lost)).reverse()) {
      if (before) data.set(key, before);
      else data.delete(key);
    }
    return data;
  }

  private mustLead(): void {
    if (this.following) throw new Error("READONLY You can't write against a read only replica.");
  }

  private change(key: string, stored: Stored | undefined): void {
    this.journal.push({ key, before: this.data.get(key) });
    if (this.journal.length > JOURNAL) this.journal.shift();
    if (stored) this.data.set(key, stored);
    else this.data.delete(key);
  }
}
