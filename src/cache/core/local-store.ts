import type { Entry } from './entry.js';

/** The in-process layer. Bounded in bytes; what it evicts or replaces it hands to `onDropped`. */
export interface LocalStore {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  delete(key: string): void;
  clear(): void;
  /** Returns how many keys fitted. */
  dropMatching(fits: (key: string) => boolean): number;
  readonly items: number;
  readonly bytes: number;
  readonly maxBytes: number;
}
