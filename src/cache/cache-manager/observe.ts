import type { Emit, Origin } from '../core/events.js';
import type { TextStore } from './store.js';

/** What belongs to CACHE_MANAGER in metrics and statistics. */
export const ORIGIN: Origin = { cache: 'cache_manager', prefix: 'manual' };

/**
 * A store that says what it does: hits, misses, sets and deletes, and one `trouble` when it begins to fail.
 * An outage makes every call fail; a line for each would only hide the first.
 */
export function observed(store: TextStore, emit: Emit): TextStore {
  let failing = false;
  const layer = store.name;

  const watched = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const result = await call;
      failing = false;
      return result;
    } catch (error) {
      if (!failing) emit({ type: 'trouble', what: `CACHE_MANAGER's ${layer} store`, error });
      failing = true;
      throw error;
    }
  };
  const looked = (text: string | undefined): void =>
    emit(text === undefined ? { type: 'miss', ...ORIGIN } : { type: 'hit', layer, stale: false, ...ORIGIN });
  const dropped = (count: number): void => emit({ type: 'delete', layer, count, ...ORIGIN });

  return {
    name: layer,
    get: async (key) => {
      const text = await watched(store.get(key));
      looked(text);
      return text;
    },
    mget: async (...keys) => {
      const texts = await watched(store.mget(...keys));
      texts.forEach(looked);
      return texts;
    },
    set: async (key, text, ttlMs) => {
      await watched(store.set(key, text, ttlMs));
      emit({ type: 'set', layer, ...ORIGIN });
    },
    del: async (key) => {
      await watched(store.del(key));
      dropped(1);
    },
    mdel: async (...keys) => {
      await watched(store.mdel(...keys));
      dropped(keys.length);
    },
    reset: async () => watched(store.reset()),
  };
}
