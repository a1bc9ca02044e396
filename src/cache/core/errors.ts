/** Every error of the cache has a stable code; `docs/errors.md` explains each. */
export type CacheErrorCode =
  | 'CACHE_TIMEOUT'
  | 'CACHE_NOT_CONNECTED'
  | 'CACHE_STOPPED'
  | 'CACHE_SERVER_CHANGED'
  | 'CACHE_SHARED_FULL'
  | 'CACHE_BAD_OPTION'
  | 'CACHE_NOT_INSTALLED'
  | 'CACHE_BAD_DEFINITION'
  | 'CACHE_BAD_KEY'
  | 'CACHE_BAD_BATCH'
  | 'CACHE_BAD_PATTERN'
  | 'CACHE_UNDECLARED_TABLE'
  | 'CACHE_STALE_HIT'
  | 'CACHE_NOT_JSON';

export class CacheError extends Error {
  constructor(
    readonly code: CacheErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CacheError';
  }
}
