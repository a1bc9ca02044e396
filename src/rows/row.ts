/** What the rows of a file are. */
export interface RowKind {
  /** In messages: `products`. */
  readonly plural: string;
  /** One of these columns a CSV file must have, so that a file without a header line is noticed. */
  readonly named: readonly string[];
}

/** One row of a file, as it stands there. */
export interface Row {
  /** Line of the file at which it begins, from 1. */
  readonly line: number;
  /** What stands there by field name, or why that cannot be said. CSV's values are text. */
  readonly content: { readonly fields: Readonly<Record<string, unknown>>; readonly text: boolean } | { readonly fault: string };
}
