import { Inject, Injectable } from '@nestjs/common';
import { Batch } from '../core/reading/batch.js';
import type { Lifetime, Partition, RowDependency } from '../core/definition.js';
import type { Payload } from '../core/entry.js';
import { CacheError } from '../core/errors.js';
import { CacheEvents } from '../core/events.js';
import type { Answer, Loaded, SharedMiss, Subject } from '../core/reading/read.js';
import type { RowKey } from '../core/row-key.js';
import { type Dependencies, dependenciesOf, type DependsOn } from './depends-on.js';
import { ReadCheck } from '../typeorm/read-check.js';
import { HitCheck } from './hit-check.js';
import { type Json, toJson } from './json.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { CacheRuntime } from '../runtime/runtime.js';
import { type By, Subjects } from './subjects.js';

export interface GetOptions<T> {
  /** Tells apart different values of the same id: views, languages. Default: none. */
  readonly variant?: string;
  /** Column or columns of a second unique key that `id` is a value of. Default: the table's own key. */
  readonly by?: By;
  /** What the value shows beside its own row or list. Default: what the partition's definition says. */
  readonly dependsOn?: DependsOn<T>;
}

export interface ReadOptions {
  /** An entry that is fresh for less is loaded anew. Default: 0. */
  readonly minFreshMs?: number;
  /** Whether it counts as a hit or a miss. Default: true. */
  readonly counted?: boolean;
  /** Whether it may be kept past its TTL for when the database is down. Default: true. */
  readonly keepStale?: boolean;
  /** Whether it may be asked for inside of another load or of a transaction. Default: false. */
  readonly inner?: boolean;
  /** What the fast lane has found for this very request. */
  readonly sharedMiss?: SharedMiss;
  /** Called when the read waits for the load of another read. */
  readonly onWait?: () => void;
  readonly load: () => Promise<Loaded>;
}

export type Peeked<T> = { readonly found: true; readonly value: T } | { readonly found: false };

/** The cache for code: query results by key, invalidation by hand, and the wait behind a write that no request makes. */
@Injectable()
export class Caches {
  constructor(
    private readonly runtime: CacheRuntime,
    private readonly subjects: Subjects,
    private readonly readCheck: ReadCheck,
    private readonly hitCheck: HitCheck,
    private readonly events: CacheEvents,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /**
   * A query's result, from the cache or from `load`. What comes back is the caller's own copy, hit or miss.
   * `null` and `undefined` (nothing there) are remembered for the short TTL.
   *
   * Inside a transaction it is `load` that answers; outside of requests, while any transaction is open that began there.
   *
   * @param id what `load` depends on: a row's key in an item partition, else any text that names the query
   * @param options the variant alone may be given as text
   * @throws CacheError `CACHE_NOT_JSON` for a value that JSON cannot carry, `CACHE_BAD_KEY` for an id that no row can
   *   have, `CACHE_BAD_DEFINITION` for what no trigger watches; whatever `load` throws
   */
  async get<T>(
    partition: Partition,
    id: RowKey,
    load: () => Promise<T & Json<T>>,
    options: GetOptions<T> | string = {},
  ): Promise<T> {
    const { what, subject, dependencies } = this.named<T>(partition, id, options);
    const answer = await this.read(what, subject, { inner: true, load: async () => this.loaded(await load(), dependencies) });
    return valueOf<T>(answer);
  }

  /**
   * The results for several ids, in their order: each from its own entry, as by {@link get}, and those that are in no
   * layer by one `load`. Where another read loads an element at the same time, it is waited for instead.
   *
   * @param load is given the ids that are missing, and gives one value for each, in their order
   * @throws as {@link get}, and CacheError `CACHE_BAD_BATCH` where `load` gives another number of values
   */
  async getMany<Id extends RowKey, T>(
    partition: Partition,
    ids: readonly Id[],
    load: (missing: readonly Id[]) => Promise<readonly (T & Json<T>)[]>,
    options: GetOptions<T> | string = {},
  ): Promise<T[]> {
    const named = ids.map((id) => this.named<T>(partition, id, options));
    const places = new Map<string, number>();
    named.forEach(({ subject }, i) => places.has(subject.key) || places.set(subject.key, i));
    const wanted = [...places.values()];
    const batch = new Batch<Loaded>(wanted.length, async (missing) => {
      const values = await load(missing.map((place) => ids[wanted[place]!]!));
      return values.map((value, i) => this.loaded<T>(value, named[wanted[missing[i] ?? 0]!]!.dependencies));
    });
    const answers = await Promise.all(
      wanted.map((i, place) => {
        const decide = () => batch.decide(place);
        const { what, subject } = named[i]!;
        return this.read(what, subject, { inner: true, onWait: decide, load: () => batch.load(place) }).finally(decide);
      }),
    );
    const answerOf = new Map(wanted.map((i, place) => [named[i]!.subject.key, answers[place]!]));
    return named.map(({ subject }) => valueOf<T>(answerOf.get(subject.key)!));
  }

  /**
   * What this process could serve from its memory now. No other layer is asked, and nothing is waited for: what is not
   * found may well be in Redis. Inside a transaction nothing is found.
   *
   * @throws as {@link get}
   */
  peek<T>(partition: Partition, id: RowKey, options: Omit<GetOptions<T>, 'dependsOn'> | string = {}): Peeked<T> {
    const entry = this.runtime.instance.cache.peekInner(this.named<T>(partition, id, options).subject.key);
    return entry ? { found: true, value: valueOf<T>(entry) } : { found: false };
  }

  /**
   * Invalidates rows of an item partition, or without ids all of a partition, through the invalidation log: no message
   * of it can be lost. For what changed without a statement that triggers see; writes need no such call. Resolves once
   * no instance serves what was cached before, where `consistency` is `strict`.
   *
   * @param ids keys of rows; what was cached by a second unique key is named by `cache.row(key, by)`
   * @throws CacheError `CACHE_BAD_KEY`, `CACHE_BAD_DEFINITION`; rejects where the database cannot be reached
   */
  async invalidate(partition: Partition, ...ids: readonly (RowKey | RowDependency)[]): Promise<void> {
    if (ids.length > 0 && partition.kind === 'list') {
      throw new CacheError('CACHE_BAD_KEY', `Lists of "${partition.cache}" are invalidated together: give no ids`);
    }
    const rows = ids.map((id) => (isRow(id) ? id : { table: partition.cache, key: id, by: [] }));
    const tags = rows.length === 0 ? [partition.tag] : rows.map((row) => this.subjects.tagsFor(row)[0]!);
    await this.runtime.log.append(tags, null);
    await this.settle();
  }

  /** Resolves once no instance can serve what was there before the writes that this process has committed. */
  settle(): Promise<void> {
    return this.runtime.instance.fence.settle();
  }

  /** For interceptors: bytes in, bytes out. @param what whose read it is, for errors */
  async read(what: string, subject: Subject, { keepStale = true, load, ...options }: ReadOptions): Promise<Answer> {
    const read = {
      ...options,
      ...subject,
      load: () => this.readCheck.run(what, subject, load),
      ttlMs: this.lifetimeMs(subject.partition.lifetime),
      staleMs: keepStale ? this.settings.staleIfErrorSeconds * 1000 : 0,
    };
    const { cache } = this.runtime.instance;
    try {
      const answer = await cache.get(read);
      if (this.hitCheck.isOn) await this.hitCheck.check(what, subject, answer, load, () => cache.get(read));
      return answer;
    } catch (error) {
      if (error instanceof CacheError) this.events.emit({ type: 'refused', what, error });
      throw error;
    }
  }

  lifetimeMs(lifetime: Lifetime): number {
    return this.settings.lifetimes[lifetime] * 1000;
  }

  private named<T>(partition: Partition, id: RowKey, options: GetOptions<T> | string): Named<T> {
    if (!this.settings.queries)
      throw new CacheError('CACHE_BAD_OPTION', 'CacheModule has `queries: false`, so that code may not cache query results');
    const { variant = '', by, dependsOn } = typeof options === 'string' ? ({ variant: options } as GetOptions<T>) : options;
    const dependencies = dependenciesOf<T>(this.subjects, partition.dependsOn, dependsOn);
    // Nothing that a caller names may pass for another part of the key.
    const view = { by, variant: variant.replace(/[%@;]/g, (char) => `%${char.charCodeAt(0)}`), tags: dependencies.tags };
    return {
      what: `a query of "${partition.prefix}"${variant && ` (${variant})`}`,
      subject: this.subjects.subject('q', partition, id, view),
      dependencies,
    };
  }

  private loaded<T>(value: T, { lateTags }: Dependencies<T>): Loaded {
    const absent = value === undefined || value === null;
    const ttl = absent ? { ttlMs: this.lifetimeMs('short') } : {};
    return { body: toJson(value), meta: { undefined: value === undefined }, lateTags: lateTags?.(value), ...ttl };
  }
}

interface Named<T> {
  readonly what: string;
  readonly subject: Subject;
  readonly dependencies: Dependencies<T>;
}

function isRow(id: RowKey | RowDependency): id is RowDependency {
  return typeof id === 'object' && 'table' in id;
}

function valueOf<T>({ body, meta }: Payload): T {
  return meta['undefined'] === true ? (undefined as T) : (JSON.parse(body.toString()) as T);
}
