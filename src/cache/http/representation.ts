/** What a handler returns where headers belong to its answer, and are cached with it. */
export class Representation<T = unknown> {
  constructor(
    readonly body: T,
    /** Lower-case names. Only headers that are the same for every client. */
    readonly headers: Readonly<Record<string, string>>,
  ) {}
}

/** An answer as bytes, ready to be sent, with all its headers but those of the connection. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Serialised once: the same bytes make the ETag and are sent. */
export function renderJson(value: unknown): Rendered {
  const { body, headers } =
    value instanceof Representation ? (value as Representation) : new Representation<unknown>(value, {});
  return {
    status: 200,
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: Buffer.from(JSON.stringify(body) ?? 'null'),
  };
}
