/**
 * What can be dropped at once. The tags of an entry follow from its key:
 * a row's entry has `products:42`, `products/items` and `*`; a list has `products/lists` and `*`.
 */
export type Tag = string;

export const EVERYTHING: Tag = '*';
export const itemTag = (table: string, key: string | number): Tag => [table, key].join(':');
export const itemsTag = (table: string): Tag => `${table}/items`;
export const listsTag = (table: string): Tag => `${table}/lists`;

/** When a tag was last invalidated, in this process's own count of invalidations. */
export interface TagState {
  readonly tag: Tag;
  invalidatedAt: number;
  holders: number;
}

/** What an entry or a load holds: the states of its tags, and the count at which it began. */
export interface Hold {
  /** Grows when a load takes on the tags of the cached values that it used. */
  readonly states: TagState[];
  readonly epoch: number;
}

/**
 * Invalidation in this process, O(1) whatever hangs on the tag: it raises the tag's count, and whoever holds
 * the tag from before is invalid from then on, entry and load in flight alike.
 */
export class TagBoard {
  private epoch = 0;
  private states = new Map<Tag, TagState>();

  /** To be taken before a load begins, and released when nobody needs it any more. */
  hold(tags: readonly Tag[]): Hold {
    return { states: tags.map((tag) => this.acquire(tag)), epoch: this.epoch };
  }

  /** Another holder of the same states, as of the same moment. */
  share(states: TagState[], epoch: number): Hold {
    for (const state of states) state.holders++;
    return { states, epoch };
  }

  release(hold: Hold): void {
    for (const state of hold.states) {
      if (--state.holders === 0 && this.states.get(state.tag) === state) this.states.delete(state.tag);
    }
  }

  isValid({ states, epoch }: Hold): boolean {
    for (let i = 0; i < states.length; i++) {
      if (states[i]!.invalidatedAt > epoch) return false;
    }
    return true;
  }

  /** A tag that nobody holds needs no mark. */
  invalidate(tag: Tag): void {
    const state = this.states.get(tag);
    if (state) state.invalidatedAt = ++this.epoch;
  }

  /** How many tags are held; for tests and statistics. */
  get size(): number {
    return this.states.size;
  }

  private acquire(tag: Tag): TagState {
    let state = this.states.get(tag);
    if (!state) {
      state = { tag, invalidatedAt: 0, holders: 0 };
      this.states.set(tag, state);
    }
    state.holders++;
    return state;
  }
}
