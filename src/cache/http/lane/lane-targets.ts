import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Subject } from '../../core/reading/read.js';
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
  readonly subject: Subject;
  /** By who asked last in which way; kept while the URL is asked for. */
  readonly prepared?: readonly PreparedAnswer[];
}

/** Maps a URL to the cache key that the interceptor has resolved for it. */
export class LaneTargets {
  /** By what stands before the parameter in the URL. */
  private readonly items = new Map<string, LaneRoute>();
  /** By URL, and for what varies by a header by URL and the values chosen. */
  private readonly known = new LRUCache<string, LaneTarget>({
    maxSize: MAX_BYTES,
    sizeCalculation: bytesOf,
  });

  remember(url: string, headers: IncomingHttpHeaders, target: LaneTarget): void {
    const { start } = target.route;
    if (start !== undefined) this.items.set(start, target.route);
    // An item's URL with a percent-encoded id is stored whole: only the router can decode it.
    if (!this.find(url, headers)) this.keep(url, headers, target);
  }

  /** So that it need not be made again, nor what is prepared for it. */
  keep(url: string, headers: IncomingHttpHeaders, target: LaneTarget, prepared?: readonly PreparedAnswer[]): void {
    if (url.length > LONGEST_URL || !url.startsWith('/')) return;
    // A new object: the LRU does not count the same one anew.
    const kept = { ...target, prepared };
    const chosen = chosenFor(target.route, headers);
    // The URL alone then says that there is something to choose.
    if (chosen !== undefined) this.known.set(`${url} ${chosen}`, kept);
    this.known.set(url, chosen === undefined ? kept : { ...target, prepared: undefined });
  }

  find(url: string, headers: IncomingHttpHeaders): LaneTarget | undefined {
    const known = this.known.get(url);
    if (!known) return this.item(url, headers);
    const chosen = chosenFor(known.route, headers);
    return chosen === undefined ? known : (this.known.get(`${url} ${chosen}`) ?? this.item(url, headers));
  }

  private item(url: string, headers: IncomingHttpHeaders): LaneTarget | undefined {
    const slash = url.lastIndexOf('/') + 1;
    const route = this.items.get(url.slice(0, slash));
    if (!route) return undefined;
    const text = url.slice(slash);
    if (!PLAIN.test(text)) return undefined;
    try {
      return { route, subject: route.cached.subjectFor(text, headers) };
    } catch {
      // It names no row, which the router says in the application's words.
      return undefined;
    }
  }
}

function chosenFor({ cached }: LaneRoute, headers: IncomingHttpHeaders): string | undefined {
  return cached.variations.keyPart(headers);
}

/** Two bytes a character: a key may go beyond Latin-1, and its tags may hold the id once more. */
function bytesOf({ subject, prepared = [] }: LaneTarget, url: string): number {
  const characters = subject.tags.reduce((sum, tag) => sum + tag.length, url.length + subject.key.length);
  return prepared.reduce((sum, { bytes }) => sum + bytes, TARGET_BYTES + 2 * characters);
}
