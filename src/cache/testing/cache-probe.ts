import { AssertionError } from 'node:assert';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { HitCheck } from '../caches/hit-check.js';
import { Caches } from '../caches/caches.js';
import type { CacheError } from '../core/errors.js';
import { CacheEvents } from '../core/events.js';
import { FastLane } from '../http/lane/fast-lane.js';

/** `none`: the answer says nothing of a cache, as one of a handler that is not cached. */
export type ProbedOutcome = 'hit' | 'stale' | 'miss' | 'bypass' | 'none';

export interface Probed {
  readonly status: number;
  readonly outcome: ProbedOutcome;
  /** `Cache-Status` (RFC 9211), as it was sent; empty: there is none. */
  readonly cacheStatus: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface ProbeOptions {
  /** Headers of the request. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The first one fills the cache; one more, in case that the lease has lapsed or a write came in between. */
const TRIES = 3;

/**
 * An application's cache from outside, over real HTTP, for the tests of the application. What it finds wrong is an
 * `AssertionError` that names the URL.
 */
export class CacheProbe {
  /** Why the last read was refused. A client is told no more than `500`. */
  private refused: CacheError | undefined;

  private constructor(
    private readonly app: INestApplication,
    /** `http://host:port` */
    readonly origin: string,
  ) {
    app.get(CacheEvents, { strict: false }).on((event) => {
      if (event.type === 'refused') this.refused = event.error;
    });
  }

  /** Starts to listen on a free port of this host, if the application does not listen yet. */
  static async of(app: INestApplication): Promise<CacheProbe> {
    if (!(app.getHttpServer() as Server).listening) await app.listen(0, '127.0.0.1');
    return new CacheProbe(app, await app.getUrl());
  }

  /** @param path with its query, such as `/authors/1` */
  async get(path: string, { headers = {} }: ProbeOptions = {}): Promise<Probed> {
    this.refused = undefined;
    const answer = await fetch(new URL(path, this.origin), { headers });
    const cacheStatus = answer.headers.get('cache-status') ?? '';
    return {
      status: answer.status,
      outcome: outcomeOf(cacheStatus),
      cacheStatus,
      headers: answer.headers,
      body: await answer.text(),
    };
  }

  /**
   * The URL is answered from the cache, at the second or third time.
   * @throws AssertionError
   */
  async expectHit(path: string, options?: ProbeOptions): Promise<Probed> {
    let last: Probed | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      last = await this.get(path, options);
      if (last.outcome === 'hit') return last;
      // Asking once more would not help. That there is nothing is cached, too.
      if (last.outcome === 'none') break;
    }
    throw failure(`GET ${path} is not answered from the cache: ${last!.status}, ${this.said(last!)}`, last!, 'hit');
  }

  /**
   * The URL hits, and once `change` is done the old answer is gone: the next one is loaded, and another one.
   * @param change anything that changes what the URL shows: a request, a statement of any client of the database
   * @throws AssertionError
   */
  async expectDropped(path: string, change: () => Promise<unknown>, options?: ProbeOptions): Promise<Probed> {
    const before = await this.expectHit(path, options);
    await change();
    // A client that is not this application promises to be seen within the lease; so the log is read now.
    await this.app.get(Caches, { strict: false }).settle();
    const after = await this.get(path, options);
    if (after.status >= 500)
      throw failure(`GET ${path} fails after the change: ${after.status}, ${this.said(after)}`, after, 'miss');
    if (after.body === before.body && after.status === before.status) {
      const why =
        after.outcome === 'hit'
          ? 'is still cached: does a trigger watch what has changed, and does dependsOn name it?'
          : 'is loaded again and the same: did it change?';
      throw failure(`GET ${path} shows after the change what it showed before, and ${why} (${this.said(after)})`, after, 'miss');
    }
    return after;
  }

  /**
   * From now on every hit is compared with what its load gives: where they differ and no invalidation explains it, the
   * read fails with `CACHE_STALE_HIT`. The fast lane is closed, so that none passes by. Not for production: each hit loads.
   */
  compareHits(): void {
    this.app.get(FastLane, { strict: false }).disable();
    this.app.get(HitCheck, { strict: false }).isOn = true;
  }

  private said({ cacheStatus, status, body }: Probed): string {
    if (this.refused) return `${this.refused.code}: ${this.refused.message}`;
    if (status >= 400) return body.slice(0, 500);
    return cacheStatus === '' ? 'no Cache-Status, as of a handler without @CachedResponse' : `Cache-Status: ${cacheStatus}`;
  }
}

function outcomeOf(cacheStatus: string): ProbedOutcome {
  if (/; *hit\b/.test(cacheStatus)) return cacheStatus.includes('stale') ? 'stale' : 'hit';
  if (cacheStatus.includes('fwd=bypass')) return 'bypass';
  return cacheStatus.includes('fwd=miss') ? 'miss' : 'none';
}

function failure(message: string, { outcome }: Probed, expected: ProbedOutcome): AssertionError {
  return new AssertionError({ message, actual: outcome, expected, operator: 'cache' });
}
