import { hash } from 'node:crypto';

const HASH_BYTES = 16;

/** A strong ETag (RFC 9110 section 8.8.3) of the bytes that are sent: quoted, 128 bits of SHA-256. */
export function etagOf(bytes: Buffer | string): string {
  return `"${hash('sha256', bytes, 'buffer').toString('base64url', 0, HASH_BYTES)}"`;
}

/**
 * Whether an `If-Match` header (RFC 9110 section 13.1.1) names `etag`, in any content coding: the ETag of a coded
 * answer is that of the plain bytes with a suffix before the closing quote (`"…-br"`). Weak ones never match.
 */
export function matchesIfMatch(header: string, etag: string): boolean {
  const plain = withoutCoding(etag);
  return header.trim() === '*' || listed(header).some((one) => !one.startsWith('W/') && withoutCoding(one) === plain);
}

/** Whether an `If-None-Match` header (RFC 9110 section 13.1.2) names `etag`; compared weakly, as it asks. */
export function matchesIfNoneMatch(header: string, etag: string): boolean {
  return header.trim() === '*' || listed(header).some((one) => one.replace(/^W\//, '') === etag);
}

function listed(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function withoutCoding(etag: string): string {
  return etag.replace(/-(?:gzip|br)"$/, '"');
}
