import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';

const HEADER = 'x-starkpulse-warming';
const ANSWER_WITHIN_MS = 10_000;

/**
 * The service's requests to itself: what warms an entry is the very route that clients use. They are told from
 * others by a random secret of this process, and do not count as traffic.
 */
@Injectable()
export class InternalRequests {
  private readonly secret = randomBytes(24);
  private readonly header = this.secret.toString('base64url');
  private readonly stopping = new AbortController();
  /** What would expire before the next round is loaded anew in this one. */
  readonly minFreshMs: number;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(CACHE_SETTINGS) { warmingIntervalSeconds, lifetimes }: CacheSettings,
  ) {
    this.minFreshMs = (warmingIntervalSeconds || lifetimes.short) * 1000;
  }

  /** Cheap; {@link isInternal} decides. */
  mayBe(headers: IncomingHttpHeaders): boolean {
    return headers[HEADER] !== undefined;
  }

  isInternal(headers: IncomingHttpHeaders): boolean {
    const given = headers[HEADER];
    if (typeof given !== 'string' || given.length !== this.header.length) return false;
    return timingSafeEqual(Buffer.from(given), Buffer.from(this.header));
  }

  /** Undefined for what is not there. Rejects where the service does not listen, or answers with another error. */
  async get(path: string): Promise<{ body: unknown; link: string | null } | undefined> {
    const origin = this.origin();
    const url = new URL(path, origin);
    // Paths come back from Redis, too.
    if (url.origin !== origin) throw new Error('Only paths of this service are warmed');
    const response = await fetch(url, {
      // What it asks for is put into the cache; in which coding, clients say.
      headers: { [HEADER]: this.header, 'accept-encoding': 'identity' },
      signal: AbortSignal.any([AbortSignal.timeout(ANSWER_WITHIN_MS), this.stopping.signal]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw new Error(`GET ${path} was answered ${response.status}`);
    }
    return { body: await response.json(), link: response.headers.get('link') };
  }

  /** Gives up what is under way. */
  stop(): void {
    this.stopping.abort();
  }

  private origin(): string {
    const address = (this.adapterHost.httpAdapter.getHttpServer() as import('node:http').Server).address();
    if (address === null || typeof address === 'string') throw new Error('The service does not listen on a port');
    const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[address.address] ?? hostOf(address);
    return `http://${host}:${address.port}`;
  }
}

function hostOf({ family, address }: { family: string; address: string }): string {
  return family === 'IPv6' ? `[${address}]` : address;
}
