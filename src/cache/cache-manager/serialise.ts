/** What Keyv stores: the value, and when it ends (milliseconds since 1970; absent: never). */
export interface Envelope {
  value?: unknown;
  expires?: number | undefined;
}

/**
 * A value that JSON cannot give back, put into CACHE_MANAGER. Thrown to the caller of `set`, `mset` and
 * `wrap`: it is a mistake in the program and not an outage, so it is never swallowed.
 */
export class UnserialisableValueError extends TypeError {
  override readonly name = 'UnserialisableValueError';
  readonly code = 'CACHE_VALUE_NOT_SERIALISABLE';

  constructor(
    /** What it is, and the property that holds it: `a Map at "byId"`. */
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(`The cache keeps JSON and cannot keep ${what}`, options);
  }
}

/**
 * An envelope as JSON text. `Date` and whatever else has `toJSON` is kept as what that returns; properties
 * that are undefined are left out.
 *
 * @throws UnserialisableValueError for bigints, symbols, functions, NaN and the infinities, Map, Set, binary
 * data, promises and cycles: JSON.stringify refuses some of them with a message that names no place, and the
 * rest it turns silently into something else.
 */
export function serialise(envelope: Envelope): string {
  // Keyv adds the TTL to the time: of an infinite one comes no moment. What is no TTL at all, the store
  // refuses.
  const { value, expires } = envelope;
  const kept: Envelope = Number.isFinite(expires) ? { value, expires } : { value };
  try {
    return JSON.stringify(kept, function (this: Record<string, unknown>, key, value: unknown) {
      // The holder has the original; `value` is already what `toJSON` made of it (a Buffer has one).
      const what = unserialisable(this[key]) ?? unserialisable(value);
      if (what !== null) throw new UnserialisableValueError(`${what} at "${key}"`);
      return value;
    });
  } catch (error) {
    if (error instanceof UnserialisableValueError) throw error;
    if (error instanceof RangeError) throw new UnserialisableValueError('so deep a value', { cause: error });
    if (error instanceof TypeError && /circular/i.test(error.message)) {
      throw new UnserialisableValueError('a value that contains itself', { cause: error });
    }
    throw error;
  }
}

/** The envelope that {@link serialise} made; undefined, a miss, for what a foreign hand put there. */
export function deserialise(text: string): Envelope | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function unserialisable(value: unknown): string | null {
  switch (typeof value) {
    case 'bigint':
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    case 'number':
      return Number.isFinite(value) ? null : String(value);
    case 'object':
      if (value instanceof Map || value instanceof Set || value instanceof Promise) {
        return `a ${value.constructor.name}`;
      }
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'binary data';
      return null;
    default:
      return null;
  }
}
