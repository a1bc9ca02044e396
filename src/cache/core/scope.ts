import { AsyncLocalStorage } from 'node:async_hooks';
import type { Entry } from './entry.js';
import type { Hold, Tag, TagBoard, TagState } from './tags.js';

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
  private readonly holds: Hold[] = [];
  /** Tokens of the tags of the values used, as they were before *those* were loaded; undefined: not known. */
  readonly tokens = new Map<Tag, string | undefined>();
  /** False: something was used that must not be cached on. */
  storable = true;

  constructor(
    private readonly board: TagBoard,
    private readonly epoch: number,
  ) {}

  /** To be called while somebody still holds the entry's tags. */
  absorb(entry: Entry, stale: boolean): void {
    if (stale) this.storable = false;
    this.holds.push(this.board.share(entry.hold.states, this.epoch));
    for (const { tag } of entry.hold.states) {
      const token = entry.tokens?.get(tag);
      if (this.tokens.has(tag) && this.tokens.get(tag) !== token) this.storable = false;
      this.tokens.set(tag, token);
    }
  }

  /** Hands the states over: the caller releases them. */
  take(): TagState[] {
    return this.holds.splice(0).flatMap((hold) => hold.states);
  }

  release(): void {
    for (const hold of this.holds.splice(0)) this.board.release(hold);
  }
}
