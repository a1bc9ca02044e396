import { decode, type Entry, sameTokens } from '../entry.js';
import type { Found } from '../protocol/ports.js';
import type { SharedCache } from '../protocol/shared-cache.js';
import type { Stamp } from '../tags.js';
import { agedEntry } from './aged-entry.js';
import type { InProcessLayer } from './in-process-layer.js';
import type { CacheParts, SharedMiss, Subject } from './read.js';
import { timed } from './timed.js';

/** Reads the shared cache: an entry is used only while its tokens are the current ones. */
export class SharedLayer {
  constructor(
    private readonly parts: Pick<CacheParts, 'board' | 'flights' | 'clock' | 'emit'>,
    private readonly shared: SharedCache,
    private readonly local: InProcessLayer,
  ) {}

  /** @param stamp taken before; it takes on the tags that the entry has inherited */
  async find(subject: Subject, stamp: Stamp): Promise<Entry | undefined> {
    const found = await timed(this.parts, 'get', subject, () =>
      this.shared.use((store) => store.peek(subject.key, subject.tags)),
    );
    return found && this.verify(subject, found, stamp);
  }

  async verify({ tags }: Subject, { entry: bytes, tokens }: Found, stamp: Stamp): Promise<Entry | undefined> {
    const { shared } = this;
    const { board, clock } = this.parts;
    const entry = bytes && decode(bytes);
    if (!entry) return undefined;
    if (!entry.tokens.are(tags, tokens)) {
      const own = entry.tokens.toMap();
      if (!sameTokens(own, tags, tokens)) return undefined;
      const inherited = [...own.keys()].filter((tag) => !tags.includes(tag));
      // Before their tokens are read: an invalidation that comes meanwhile must count. An earlier read may have them already.
      stamp.tags.push(...board.stamp(inherited).tags.filter((tag) => !stamp.tags.includes(tag)));
      const now = await shared.use((store) => store.tokens(inherited));
      if (!now || !sameTokens(own, inherited, now)) return undefined;
    }
    return agedEntry(clock, entry, entry, entry.tokens, stamp);
  }

  /** Without a flight and without a load: the fresh entry, which memory then has, too, or that there is none. */
  async findFresh(subject: Subject): Promise<Entry | SharedMiss | undefined> {
    const { local, shared } = this;
    const { board, clock, flights } = this.parts;
    const { trust } = shared;
    if (trust === undefined) return undefined;
    // Before anything is read: an invalidation that comes meanwhile must count.
    const read = flights.track(subject.key, board.stamp(subject.tags));
    try {
      const entry = await this.find(subject, read.stamp);
      if (shared.trust !== trust) return undefined;
      if (!entry || entry.freshUntil <= clock.monotonicMs()) return { trust };
      if (flights.isUntouched(read)) local.keep(subject, entry);
      return entry;
    } finally {
      flights.untrack(read);
    }
  }
}
