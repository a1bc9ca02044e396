import { keyMatcher } from '../glob.js';
import type { LocalLayer } from '../protocol/ports.js';
import { EVERYTHING, type Tag, type TagBoard } from '../tags.js';
import type { Flights } from './flights.js';
import type { LocalStore } from './local-store.js';

/** The memory of this process and its loads in flight, as the protocol sees them. */
export class InProcessLayer implements LocalLayer {
  constructor(
    private readonly board: TagBoard,
    private readonly store: LocalStore,
    private readonly flights: Flights,
  ) {}

  invalidate(tags: readonly Tag[]): void {
    for (const tag of tags) this.board.invalidate(tag);
    // Not needed for the truth of it: entries that nothing can make valid again only take up room.
    if (tags.includes(EVERYTHING)) this.store.clear();
  }

  dropMatching(glob: string): void {
    const fits = keyMatcher(glob);
    this.store.dropMatching(fits);
    this.flights.detachMatching(fits);
  }

  clear(): void {
    this.invalidate([EVERYTHING]);
    this.flights.detachMatching(() => true);
  }
}
