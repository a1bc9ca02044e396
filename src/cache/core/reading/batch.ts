import { CacheError } from '../errors.js';
import { currentScope, inLoad, type LoadContext, SharedLoadContext } from './scope.js';

interface Wanted<T> {
  readonly place: number;
  readonly context: LoadContext | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One load for all elements of a batch that need one. Each element is read like any other key, with a single flight of
 * its own. An element that needs a load waits here until every other element is decided: it is a hit, waits for
 * the load of another read, or needs this one. An element that changes its mind later is loaded with those that do so, too.
 */
export class Batch<T> {
  private readonly undecided: Set<number>;
  private wanted: Wanted<T>[] = [];

  constructor(
    count: number,
    /** Loads the elements at these places; one value for each, in their order. */
    private readonly loadAll: (places: readonly number[]) => Promise<readonly T[]>,
  ) {
    this.undecided = new Set(Array.from({ length: count }, (_, place) => place));
  }

  load(place: number): Promise<T> {
    const scope = currentScope();
    // Inside a transaction nothing is cached, and the load stays inside of it.
    const context = scope?.transactions === 0 ? scope.load : undefined;
    return new Promise((resolve, reject) => {
      this.wanted.push({ place, context, resolve, reject });
      this.decide(place);
    });
  }

  /** The element at this place needs no load just now. */
  decide(place: number): void {
    this.undecided.delete(place);
    if (this.undecided.size > 0 || this.wanted.length === 0) return;
    const { wanted } = this;
    this.wanted = [];
    void this.run(wanted);
  }

  private async run(wanted: readonly Wanted<T>[]): Promise<void> {
    try {
      const contexts = wanted.flatMap(({ context }) => context ?? []);
      const load = () => this.loadAll(wanted.map(({ place }) => place));
      const values = await (contexts.length === 0 ? load() : inLoad(new SharedLoadContext(contexts), load));
      if (values.length !== wanted.length) {
        throw new CacheError('CACHE_BAD_BATCH', `A load of ${wanted.length} ids must give as many values, not ${values.length}`);
      }
      wanted.forEach(({ resolve }, i) => resolve(values[i]!));
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }
}
