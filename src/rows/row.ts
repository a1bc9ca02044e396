/** One row of a file, as it stands there. */
export interface Row {
  /** Line of the file at which it begins, from 1. */
  readonly line: number;
  /** What stands there by field name, or why that cannot be said. CSV's values are text. */
  readonly content: { readonly fields: Readonly<Record<string, unknown>>; readonly text: boolean } | { readonly fault: string };
}
