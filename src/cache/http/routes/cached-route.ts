import type { IncomingHttpHeaders } from 'node:http';
import { inspect, type InspectOptions } from 'node:util';
import type { Partition } from '../../core/definition.js';
import { CacheError } from '../../core/errors.js';
import type { Subject } from '../../core/reading/read.js';
import { canonicalKey, type KeyPart, type RowKey, type WatchedKey } from '../../core/row-key.js';
import type { Tag } from '../../core/tags.js';
import { dependenciesOf } from '../../caches/depends-on.js';
import type { CacheSettings } from '../../options/options.js';
import { columnsOf, type Subjects } from '../../caches/subjects.js';
import type { CachedHandler } from './cached-response-options.js';
import { type HttpRequest, rawOf, setQuery } from './http-request.js';
import { Variations } from './variation.js';

type Wording = Pick<CacheSettings, 'invalid' | 'validateQuery' | 'pipeValidates'>;
type Query = Readonly<Record<string, unknown>>;

/** All of a value, so that two texts differ where the values do: JSON has one text for all Sets. */
const EXACT: InspectOptions = {
  depth: null,
  maxArrayLength: null,
  maxStringLength: null,
  breakLength: Infinity,
  customInspect: false,
  sorted: true,
};

/** What a request asks for. */
export interface Asked {
  readonly subject: Subject;
  /** False: there are too many of its kind to be kept past their TTL. */
  readonly keepStale: boolean;
}

/** A cached GET handler: what of a request makes the key. All the rest of the request must not matter to its answer. */
export class CachedRoute {
  readonly partition: Partition;
  readonly variations: Variations;
  readonly fastLane: boolean;
  /** Tags derived from the loaded value; undefined: none. */
  readonly lateTags: ((value: never) => Tag[]) | undefined;
  readonly params: readonly string[];
  private readonly tags: readonly Tag[];
  private readonly by: readonly string[];
  /** Of an item; undefined: it is a list. */
  readonly key: WatchedKey | undefined;

  /**
   * @param name tells this handler's answers from those of others
   * @throws CacheError, TypeError for what cannot be kept true
   */
  constructor(
    readonly name: string,
    readonly handler: CachedHandler,
    private readonly subjects: Subjects,
    private readonly wording: Wording,
  ) {
    const { partition, param = [], by = [], dependsOn, vary, fastLane = true } = handler;
    this.partition = partition;
    this.params = columnsOf(param);
    this.by = columnsOf(by);
    this.fastLane = fastLane;
    this.variations = new Variations(vary);
    subjects.check(partition);
    const isItem = partition.kind === 'item';
    const key = subjects.keyOf(partition.cache, isItem ? this.by : []);
    this.key = isItem ? key : undefined;
    const { tags, lateTags } = dependenciesOf<never>(subjects, partition.dependsOn, dependsOn);
    this.tags = tags;
    this.lateTags = lateTags;
  }

  /** The request's query, as the handler's DTO has it. Rejects with the application's error for an invalid one. */
  async queryOf({ query }: HttpRequest): Promise<object> {
    const { query: dto } = this.handler;
    return dto ? this.wording.validateQuery(dto, query) : {};
  }

  /**
   * Normalises path parameters, query and varying headers, so that the handler sees canonical values.
   * @param query what {@link queryOf} gave
   */
  ask(request: HttpRequest, query: object): Asked {
    const params = request.params as Record<string, unknown>;
    const { seen, texts } = this.read(this.params.map((name) => (params[name] ?? '') as string));
    const others = Object.fromEntries(Object.entries(params).filter(([name]) => !this.params.includes(name)));
    this.params.forEach((name, i) => (params[name] = seen[i]));
    // The application's own pipe makes the same of the query as it came: what a DTO transforms cannot be transformed again.
    if (this.handler.query && !this.wording.pipeValidates()) setQuery(request, query);
    const { headers } = rawOf(request);
    this.variations.apply(headers);
    const given = query as Query;
    const subject = this.subject(texts, others, given, headers);
    return { subject, keepStale: !this.partition.unbounded.some((name) => isGiven(given[name])) };
  }

  /** Likewise, where one parameter's text is all of the path that varies, and no query is taken. */
  subjectFor(text: string, headers: IncomingHttpHeaders): Subject {
    return this.subject(this.read([text]).texts, {}, {}, headers);
  }

  private subject(texts: readonly string[], others: Query, query: Query, headers: IncomingHttpHeaders): Subject {
    const { partition, by, tags } = this;
    const isItem = partition.kind === 'item';
    const own = isItem ? {} : Object.fromEntries(this.params.map((name, i) => [name, texts[i]]));
    const path = canonical({ ...others, ...own });
    const asked = path === '' ? canonical(query) : `${path}?${canonical(query)}`;
    const vary = this.variations.keyPart(headers) ?? [];
    const more = isItem && asked !== '' ? asked : [];
    const view = { by, tags, variant: [this.name, more, vary].flat().join(';') };
    return this.subjects.subject('r', partition, isItem ? texts : asked, view);
  }

  /** @returns what the handler sees of the parameters, and what makes the key */
  private read(given: readonly string[]): { seen: readonly unknown[]; texts: readonly string[] } {
    const { parse } = this.handler;
    const parsed: RowKey = parse ? parse(...given) : given;
    const parts = Array.isArray(parsed) ? (parsed as readonly KeyPart[]) : [parsed as KeyPart];
    const texts = this.key ? this.canonical(this.key, parts) : parts.map(String);
    return { seen: parse ? parts : texts, texts };
  }

  private canonical(key: WatchedKey, parts: readonly KeyPart[]): string[] {
    try {
      return canonicalKey(key, parts);
    } catch (error) {
      if (!(error instanceof CacheError) || error.code !== 'CACHE_BAD_KEY') throw error;
      throw this.wording.invalid(this.params.join(', '), error.message);
    }
  }
}

/** The defined properties in the order of their names: one spelling for each meaning. */
function canonical(values: Query): string {
  const defined = Object.entries(values).filter(([, value]) => isGiven(value));
  defined.sort(([a], [b]) => (a < b ? -1 : 1));
  return new URLSearchParams(defined.map(textOf)).toString();
}

/** Text of a value under its name; what is more than a text or number stands under another one, which no property has. */
function textOf([name, value]: [string, unknown]): [string, string] {
  return typeof value === 'object' ? [`${name}=`, inspect(value, EXACT)] : [name, String(value as KeyPart)];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
