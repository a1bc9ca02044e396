import { LRUCache } from 'lru-cache';
import type { TextStore } from './store.js';
import { wholeTtlMs } from './time-to-live.js';

/** What lru-cache itself needs for an entry, beside key and text; rounded up. */
const ENTRY_BYTES = 160;

/**
 * A store in the process, bounded in bytes: the least recently used entries go first. It holds text, so
 * nothing is shared with callers by reference.
 *
 * @param maxBytes upper bound of keys and values, counted as two bytes a character; at least 1. A value that
 * alone is larger is not kept.
 */
export function memoryStore(maxBytes: number): TextStore {
  const entries = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (text, key) => 2 * (text.length + key.length) + ENTRY_BYTES,
  });

  return {
    name: 'memory',
    get: async (key) => entries.get(key),
    mget: async (...keys) => keys.map((key) => entries.get(key)),
    set: async (key, text, ttl) => {
      const ttlMs = wholeTtlMs(ttl);
      if (ttlMs === 'past') entries.delete(key);
      else entries.set(key, text, ttlMs === 'never' ? {} : { ttl: ttlMs });
    },
    del: async (key) => {
      entries.delete(key);
    },
    mdel: async (...keys) => {
      for (const key of keys) entries.delete(key);
    },
    reset: async () => entries.clear(),
  };
}
