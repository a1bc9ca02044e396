import { AsyncLocalStorage } from 'node:async_hooks';
import type { Entry } from './entry.js';
import type { Layer } from './events.js';
import type { Flight } from './flights.js';
import type { Tag, TagBoard, TagState } from './tags.js';

/** What the code that runs now runs inside of. */
export interface Scope {
  /** Transactions open in it; while there are any, the cache is bypassed, reading and storing. */
  transactions: number;
  /** The load whose result will be cached, if this is one. */
  readonly load?: LoadContext;
  /** The write fence stands behind it. */
  readonly fenced?: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

export function inNewScope<T>(run: () => T, about: Pick<Scope, 'load' | 'fenced'>): T {
  return scopes.run({ transactions: 0, ...about }, run);
}

/** Collects what cached values a load used, so that its own result carries their tags and tokens on. */
export class LoadContext {
  /** Tokens of the tags of the values used, as they were before *those* were loaded; undefined: not known, or not one. */
  readonly tokens = new Map<Tag, string | undefined>();
  /** False: something was used that must not be cached on. */
  storable = true;
  /** Where a value came from that was used past its time, because the database was down. */
  staleFrom: Layer | undefined;

  constructor(
    private readonly board: TagBoard,
    private readonly epoch: number,
    /** Takes the states at once: who asks in the middle of a load must not join one that used what is gone since. */
    private readonly states: TagState[] = [],
    /** The flights that the load waits for just now. */
    readonly inner: Set<Flight> = new Set(),
  ) {}

  /** To be called while somebody still holds the entry's tags. */
  absorb(entry: Entry, staleFrom: Layer | undefined): void {
    this.staleFrom ??= staleFrom;
    if (staleFrom) this.storable = false;
    // A copy: a load that used its own flight's entry would push into what it reads.
    this.states.push(...this.board.share([...entry.hold.states], this.epoch).states);
    for (const { tag } of entry.hold.states) {
      const token = entry.tokens?.get(tag);
      const differs = this.tokens.has(tag) && this.tokens.get(tag) !== token;
      this.tokens.set(tag, differs ? undefined : token);
    }
  }

  /** For a caller that gave no list of its own. */
  release(): void {
    this.board.release({ states: this.states.splice(0), epoch: this.epoch });
  }
}
