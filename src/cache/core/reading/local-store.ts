import type { Entry } from '../entry.js';

/** The in-process layer. Bounded in bytes. */
export interface LocalStore {
  /** The same object for as long as it is the same entry. */
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  delete(key: string): void;
  clear(): void;
  /** Keys are given without the letter and colon that tell responses from query results. */
  countMatching(fits: (key: string) => boolean): number;
  dropMatching(fits: (key: string) => boolean): void;
  readonly items: number;
  readonly bytes: number;
  readonly maxBytes: number;
}
