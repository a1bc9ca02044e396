import type { IncomingMessage } from 'node:http';
import type { Entry } from '../../core/entry.js';
import type { Coding } from '../answer/coding.js';
import { flat, type HeaderList, startOf } from './quick-answer.js';
import { etagIn, type Resource, select } from '../answer/resource.js';

/** Ways of asking for one URL that are remembered; clients spell `Accept-Encoding` in a handful of ways. */
const MAX_WAYS = 3;
/** What a prepared answer costs beside its texts. Measured: 220. */
const ANSWER_BYTES = 250;

type AcceptEncoding = string | string[] | undefined;

/**
 * The heads of an answer in one piece, for a URL that is asked for again: put together once, and good for as long as
 * the very entry that they are of stands in memory.
 */
export class PreparedAnswer {
  readonly coding: Coding;
  /** Start of the head of a 200, up to its age. */
  readonly full: string;
  /** Likewise, of a 304. */
  readonly notModified: string;
  private readonly etag: string;
  /** Weak: an entry that was evicted must not live on here. */
  private readonly entry: WeakRef<Entry>;

  constructor(
    entry: Entry,
    /** The `Accept-Encoding` for which it is `resource`. */
    private readonly accepted: AcceptEncoding,
    resource: Resource,
    common: HeaderList,
    cacheControl: string,
    cacheStatus: string,
  ) {
    const startFor = (ifNoneMatch?: string): string => {
      const { status, head } = select(resource, { method: 'GET', ifNoneMatch }, cacheControl, cacheStatus);
      return flat(startOf(status, common, head));
    };
    this.entry = new WeakRef(entry);
    this.coding = resource.coding;
    this.etag = etagIn(resource);
    this.full = startFor();
    this.notModified = startFor(this.etag);
  }

  /** All that it holds. */
  get bytes(): number {
    return ANSWER_BYTES + this.full.length + this.notModified.length + this.etag.length + (this.accepted?.length ?? 0);
  }

  /** Whether it is this request's answer: the 304 if {@link isKnownTo} the client, else the 200. */
  suits({ method, headers }: IncomingMessage, entry: Entry): boolean {
    const condition = headers['if-none-match'];
    return (
      this.isOf(entry) &&
      method === 'GET' &&
      headers['accept-encoding'] === this.accepted &&
      (condition === undefined || condition === this.etag)
    );
  }

  isKnownTo({ headers }: IncomingMessage): boolean {
    return headers['if-none-match'] !== undefined;
  }

  isOf(entry: Entry): boolean {
    return this.entry.deref() === entry;
  }

  isFor(entry: Entry, accepted: AcceptEncoding): boolean {
    return this.isOf(entry) && this.accepted === accepted;
  }
}

/** With one more of this entry, and without those of another, which is gone. */
export function withPrepared(all: readonly PreparedAnswer[], one: PreparedAnswer, entry: Entry): readonly PreparedAnswer[] {
  return [...all.filter((other) => other.isOf(entry)).slice(1 - MAX_WAYS), one];
}
