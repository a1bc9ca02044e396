import { CacheError } from '../core/errors.js';

/**
 * `T` where JSON gives it back as it was, else `never` in the place that it does not: Dates, Maps, bigints, functions,
 * instances with methods.
 */
export type Json<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends bigint | symbol | ((...args: never[]) => unknown)
    ? never
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : never;

/** @throws CacheError `CACHE_NOT_JSON` for a value that JSON cannot carry */
export function toJson(value: unknown): Buffer {
  let text: string | undefined;
  try {
    text = JSON.stringify(value ?? null);
  } catch (cause) {
    throw new CacheError('CACHE_NOT_JSON', 'A cached value must be JSON-compatible', { cause });
  }
  if (text === undefined) throw new CacheError('CACHE_NOT_JSON', `A cached value cannot be a ${typeof value}`);
  return Buffer.from(text);
}
