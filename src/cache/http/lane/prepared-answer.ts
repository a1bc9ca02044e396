import type { IncomingMessage } from 'node:http';
import type { Held } from '../../core/reading/local-store.js';
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
  private readonly entry: WeakRef<Held>;

  constructor(
    held: Held,
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
    this.entry = new WeakRef(held);
    this.coding = resource.coding;
    this.etag = etagIn(resource);
    this.full = startFor();
    this.notModified = startFor(this.etag);
  }

  /** The entry that it is of, unless that is gone. */
  get held(): Held | undefined {
    return this.entry.deref();
  }

  /** All that it holds. */
  get bytes(): number {
    return ANSWER_BYTES + this.full.length + this.notModified.length + this.etag.length + (this.accepted?.length ?? 0);
  }

  /** Whether it is this request's answer: the 304 if {@link isKnownTo} the client, else the 200. */
  suits({ method, headers }: IncomingMessage): boolean {
    const condition = headers['if-none-match'];
    return method === 'GET' && headers['accept-encoding'] === this.accepted && (condition === undefined || condition === this.etag);
  }

  isKnownTo({ headers }: IncomingMessage): boolean {
    return headers['if-none-match'] !== undefined;
  }

  isFor(held: Held, accepted: AcceptEncoding): boolean {
    return this.held === held && this.accepted === accepted;
  }
}

/** With one more, and without those of an entry that is gone. */
export function withPrepared(all: readonly PreparedAnswer[], one: PreparedAnswer): readonly PreparedAnswer[] {
  return [...all.filter(({ held }) => held === one.held).slice(1 - MAX_WAYS), one];
}
