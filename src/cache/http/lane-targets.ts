import { LRUCache } from 'lru-cache';
import { keyOf } from '../core/definition.js';
import type { LaneRoute } from './lane-route.js';
import type { PreparedAnswer } from './prepared-answer.js';

/** Of URLs, keys and prepared heads, all together. They come on top of the byte bound of the entries. */
const MAX_BYTES = 4_000_000;
/** What a target costs beside its texts: objects, the LRU's own lists. Measured: 400 to 470. */
const TARGET_BYTES = 450;
const LONGEST_URL = 500;
/** What no router decodes, so that the URL's last segment is the path's parameter. */
const PLAIN = /^[A-Za-z0-9_-]{1,64}$/;

export interface LaneTarget {
  readonly route: LaneRoute;
  readonly key: string;
  /** What the key names; the tags follow from it. */
  readonly id: string;
  /** By who asked last in which way; kept while the URL is asked for. */
  readonly prepared?: readonly PreparedAnswer[];
}

/** Which entry a URL is answered from: the very one that the interceptor has found for it. */
export class LaneTargets {
  /** By what stands before the parameter in the URL. */
  private readonly items = new Map<string, LaneRoute>();
  private readonly known = new LRUCache<string, LaneTarget>({
    maxSize: MAX_BYTES,
    sizeCalculation: bytesOf,
  });

  /** @param param the path's parameter that is the id, if one is */
  remember(url: string, target: LaneTarget, param: string | undefined): void {
    const { route } = target;
    if (param === undefined) {
      if (url.length <= LONGEST_URL && url.startsWith('/') && !this.known.has(url)) this.known.set(url, target);
    } else if (route.template.endsWith(`/:${param}`)) {
      const before = route.template.slice(0, -param.length - 1);
      if (!before.includes(':')) this.items.set(before, route);
    }
  }

  /** So that it need not be made again, nor what is prepared for it. */
  keep(url: string, target: LaneTarget, prepared: readonly PreparedAnswer[]): void {
    // A new object: the LRU does not count the same one anew.
    if (url.length <= LONGEST_URL) this.known.set(url, { ...target, prepared });
  }

  find(url: string): LaneTarget | undefined {
    return this.known.get(url) ?? this.item(url);
  }

  private item(url: string): LaneTarget | undefined {
    const slash = url.lastIndexOf('/') + 1;
    const route = this.items.get(url.slice(0, slash));
    if (!route) return undefined;
    const id = url.slice(slash);
    if (!PLAIN.test(id)) return undefined;
    return { route, key: keyOf('r', route.partition, id), id };
  }
}

/** Two bytes a character: a key may go beyond Latin-1, and an id may be part of a second copy of the URL. */
function bytesOf({ key, id, prepared = [] }: LaneTarget, url: string): number {
  const own = TARGET_BYTES + 2 * (url.length + key.length + id.length);
  return prepared.reduce((sum, { bytes }) => sum + bytes, own);
}
