import { Stream } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { CacheError } from '../../core/errors.js';

/** What a handler returns where headers belong to its answer, and are cached with it. */
export class Representation<T = unknown> {
  constructor(
    readonly body: T,
    /** Lower-case names. Only headers that are the same for every client. */
    readonly headers: Readonly<Record<string, string>>,
  ) {}
}

/** A handler's answer as bytes, with its content type and its own headers. */
export interface Rendered {
  readonly headers: { readonly 'content-type': string; readonly [name: string]: string };
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Serialised once: the same bytes make the ETag and are sent. @throws CacheError `CACHE_NOT_JSON` for bytes and streams */
export function renderJson(value: unknown): Rendered {
  const { body, headers } = value instanceof Representation ? (value as Representation) : new Representation<unknown>(value, {});
  if (body instanceof Uint8Array || body instanceof StreamableFile || body instanceof Stream) {
    throw new CacheError('CACHE_NOT_JSON', `A cached handler gives JSON, and not a ${body.constructor.name}`);
  }
  return {
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: Buffer.from(JSON.stringify(body) ?? 'null'),
  };
}
