import { Injectable } from '@nestjs/common';
import type { CacheDefinition, WarmOptions } from '../core/definition.js';
import { Definitions } from '../core/definitions.js';
import { CacheEvents } from '../core/events.js';
import { CacheRuntime } from '../runtime/runtime.js';
import { InternalRequests } from '../traffic/internal-requests.js';
import { Popularity } from '../traffic/popularity.js';
import { WarmingTurn } from './warming-turn.js';

const AT_ONCE = 4;
const DEFAULT_PAGES = 3;
const DEFAULT_POPULAR = 50;

export interface WarmingReport {
  readonly warmed: number;
  readonly failed: number;
  readonly durationMs: number;
}

/**
 * Asks for the first pages, the most recent rows and the most requested URLs of each cache, through the service's own
 * routes: what it stores obeys the same tokens as any load, so it never overwrites a fresher value.
 */
@Injectable()
export class Warmer {
  private running: Promise<WarmingReport | undefined> | undefined;
  private stopped = false;

  constructor(
    private readonly requests: InternalRequests,
    private readonly popularity: Popularity,
    private readonly turn: WarmingTurn,
    private readonly events: CacheEvents,
    private readonly runtime: CacheRuntime,
    private readonly definitions: Definitions,
  ) {}

  /** One round; undefined: another instance is at it. A round that runs here already is joined. */
  warm(): Promise<WarmingReport | undefined> {
    this.running ??= this.turn
      .run(() => this.round())
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  /** Gives up the round under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.requests.stop();
    await this.running?.catch(() => undefined);
  }

  private async round(): Promise<WarmingReport> {
    const startedAt = performance.now();
    const tally = { warmed: 0, failed: 0 };
    for (const definition of this.definitions.all()) {
      const { warm } = definition;
      if (!warm) continue;
      await this.popularity.share(definition.name);
      await this.warmPages(warm, tally);
      await this.warmAll(await this.wanted(definition, warm, tally), tally);
      await this.popularity.fade(definition.name);
    }
    const durationMs = Math.round(performance.now() - startedAt);
    this.events.emit({ type: 'warmed', ...tally, seconds: durationMs / 1000 });
    return { ...tally, durationMs };
  }

  private async warmPages({ path, pages = DEFAULT_PAGES }: WarmOptions, tally: Tally): Promise<void> {
    let next: string | undefined = path;
    for (let page = 0; page < pages && next !== undefined && !this.stopped; page++) {
      const answer = await this.ask(next, tally);
      next = answer?.link?.match(/<(\/[^>]*)>; *rel="next"/)?.[1];
    }
  }

  private async wanted({ name }: CacheDefinition, warm: WarmOptions, tally: Tally): Promise<Set<string>> {
    const urls = new Set(await this.popularity.top(name, warm.popular ?? DEFAULT_POPULAR));
    if (warm.recent !== undefined && !this.stopped) {
      const recent = await this.ask(`${warm.path}?${warm.recent}`, tally);
      // The columns of the table's own key, which its rows are named by in paths and tags.
      const columns = this.runtime.watched.get(name)?.[0]?.columns ?? [];
      for (const row of (recent?.body ?? []) as Record<string, unknown>[]) {
        const key = columns.map((column) => row[column]).filter((part) => typeof part === 'string' || typeof part === 'number');
        if (key.length === columns.length) urls.add([warm.path, ...key.map(encodeURIComponent)].join('/'));
      }
    }
    return urls;
  }

  private async warmAll(urls: Iterable<string>, tally: Tally): Promise<void> {
    const queue = urls[Symbol.iterator]();
    const work = async () => {
      for (let step = queue.next(); !step.done && !this.stopped; step = queue.next()) await this.ask(step.value, tally);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private async ask(path: string, tally: Tally): Promise<{ body: unknown; link: string | null } | undefined> {
    try {
      const answer = await this.requests.get(path);
      // A popular row may be gone: that is no failure, and its count fades.
      if (answer) tally.warmed++;
      return answer;
    } catch {
      tally.failed++;
      return undefined;
    }
  }
}

interface Tally {
  warmed: number;
  failed: number;
}
