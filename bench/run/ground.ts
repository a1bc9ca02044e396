import type { LoadGenerator } from '../load/generator.js';
import type { LatencyMs, LoadRequest, Plan, Report } from '../load/plan.js';
import type { Postgres } from '../../test/support/postgres.js';
import { type Redis, startRedis } from '../../test/support/redis.js';
import { redisSettings, type Settings } from '../../test/support/settings.js';
import { makeCatalogue } from './catalogue.js';
import { type Contender, startPeer } from './contender.js';
import { cpuSeconds } from './process-figures.js';
import type { Scale } from './scale.js';
import { serviceSettings, startService } from './service.js';

/** A turn of one server under closed-loop load. */
export interface Sample {
  readonly requestsPerSecond: number;
  /** Of all threads of the server's process. */
  readonly cpuMicrosecondsPerRequest: number;
  readonly latencyMs: LatencyMs;
  /** Share of the time that the server's process and the generator's had a core: which of them was the limit. */
  readonly serverBusy: number;
  readonly generatorBusy: number;
}

export interface LoadOptions {
  /** Default: that of the scale. */
  readonly connections?: number;
  /** Default: as many as fit into a turn. */
  readonly requests?: number;
}

/** What a row stands on: servers that end with it, load, and turns. */
export class Ground {
  private readonly started: (() => Promise<unknown>)[] = [];

  constructor(
    readonly scale: Scale,
    readonly postgres: Postgres,
    private readonly generator: LoadGenerator,
    readonly say: (progress: string) => void,
  ) {}

  /** A database with that many products; its URL. */
  async catalogue(products: number, description?: string): Promise<string> {
    this.say(`making ${products.toLocaleString('en')} products`);
    const database = await makeCatalogue(this.postgres.url, products, description);
    this.atEnd(() => database.drop());
    return database.url;
  }

  async redis(): Promise<Redis> {
    const redis = await startRedis();
    this.atEnd(() => redis.end());
    return redis;
  }

  service(databaseUrl: string, redis?: Redis, settings: Settings = {}): Promise<Contender> {
    const shared = redis === undefined ? {} : redisSettings(redis.url);
    return this.keep(startService({ CACHING_DATABASE_URL: databaseUrl, ...shared, ...settings }));
  }

  /** The service without its cache; `intercepted`: behind an interceptor that does nothing. */
  uncached(databaseUrl: string, intercepted = false): Promise<Contender> {
    return this.peer('without-cache', { settings: serviceSettings({ CACHING_DATABASE_URL: databaseUrl }), intercepted });
  }

  peer(name: string, options: object): Promise<Contender> {
    return this.keep(startPeer(name, options));
  }

  async keep(starting: Promise<Contender>): Promise<Contender> {
    const contender = await starting;
    this.atEnd(() => contender.end());
    return contender;
  }

  /** Called when the row is over, the latest first. */
  atEnd(end: () => Promise<unknown>): void {
    this.started.push(end);
  }

  /** Each server in turn, A B C A B C: what `measure` found, by server and round. */
  async turns<Name extends string, T>(
    servers: Readonly<Record<Name, Contender>>,
    measure: (server: Contender, round: number) => Promise<T>,
    rounds = this.scale.rounds,
  ): Promise<Record<Name, T[]>> {
    const names = Object.keys(servers) as Name[];
    const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, T[]>;
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        this.say(`round ${round + 1} of ${rounds}: ${name}`);
        samples[name].push(await measure(servers[name], round));
      }
    }
    return samples;
  }

  /** Closed-loop load on one server for a turn. @throws Error where an answer had another status than it should. */
  async load(server: Contender, requests: readonly LoadRequest[], options: LoadOptions = {}): Promise<Sample> {
    const before = cpuSeconds(server.pid);
    const report = await this.run({
      ports: [server.port],
      connections: options.connections ?? this.scale.connections,
      parts: [{ name: 'all', share: 1, requests }],
      loop: { type: 'closed' },
      until: options.requests === undefined ? { milliseconds: this.scale.turnMs } : { requests: options.requests },
    });
    const cpu = cpuSeconds(server.pid) - before;
    return {
      requestsPerSecond: report.requestsPerSecond,
      cpuMicrosecondsPerRequest: (cpu * 1e6) / report.requests,
      latencyMs: report.latencyMs['all']!,
      serverBusy: cpu / report.seconds,
      generatorBusy: report.generatorCpuSeconds / report.seconds,
    };
  }

  async warmUp(servers: readonly Contender[], requests: readonly LoadRequest[]): Promise<void> {
    this.say('warming up');
    for (const { port } of servers) {
      const parts = [{ name: 'all', share: 1, requests }];
      const until = { milliseconds: this.scale.warmUpMs };
      await this.run({ ports: [port], connections: this.scale.connections, parts, loop: { type: 'closed' }, until });
    }
  }

  /** @throws Error where an answer had another status than it should. */
  async run(plan: Plan): Promise<Report> {
    const report = await this.generator.run(plan);
    if (Object.keys(report.wrong).length > 0) {
      throw new Error(`wrong answers of port ${plan.ports.join(', ')}: ${JSON.stringify(report.wrong)}`);
    }
    return report;
  }

  async end(): Promise<void> {
    for (const end of this.started.splice(0).reverse()) await end();
  }
}
