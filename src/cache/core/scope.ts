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
}

const scopes = new AsyncLocalStorage<Scope>();
/**
 * Before Node.js 24 a first `run` makes every promise, timer and socket of the process dearer, for good: a hit by half.
 * So code runs in scopes only once somebody asks for one, who caches query results, say.
 */
let inUse = false;
let unscoped = 0;

export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

/** From the first call on, all that begins runs in a scope. */
export function useScopes(): void {
  inUse = true;
}

export function scopesInUse(): boolean {
  return inUse;
}

/** Whether something still goes on that began before scopes were in use: it may be what asks. */
export function anyUnscoped(): boolean {
  return unscoped > 0;
}

/** To be closed when all of it is over. */
export function openScope(load?: LoadContext): { run<T>(this: void, work: () => T): T; close(this: void): void } {
  if (inUse) return { run: (work) => scopes.run({ transactions: 0, load }, work), close: () => undefined };
  unscoped++;
  let open = true;
  const close = () => {
    if (open) unscoped--;
    open = false;
  };
  return { run: (work) => work(), close };
}

export async function inNewScope<T>(work: () => Promise<T>, load?: LoadContext): Promise<T> {
  const { run, close } = openScope(load);
  try {
    return await run(work);
  } finally {
    close();
  }
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
