import type { Entry } from '../entry.js';

/** An entry as it stands there, without its body: the same object for as long as it is the same entry. */
export type Held = Pick<Entry, 'hold' | 'freshUntil' | 'storedAt'>;

/** The in-process layer. Bounded in bytes. */
export interface LocalStore {
  get(key: string): Entry | undefined;
  /** Likewise, for less: the body is not read. */
  held(key: string): Held | undefined;
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
