import { Agent } from 'node:http';
import { type ServiceProcess, startProcess } from '../support/process.js';
import type { Settings } from '../support/settings.js';
import { type Reply, type RequestExtras, send } from '../e2e/client.js';
import type { PostgresPair } from './postgres-pair.js';
import { Proxy } from './proxy.js';
import { MASTER_NAME, type RedisPair } from './redis-pair.js';

/** Longer than any fault: what is asked of a frozen instance is answered when it is thawed. */
const ANSWER_WITHIN_MS = 20_000;

/** One instance of the service behind proxies of its own, through however many processes. */
export class Instance {
  private process: ServiceProcess | undefined;
  private agent = new Agent({ keepAlive: true });
  /** `down` from before a process is ended until the next one is ready. */
  state: 'up' | 'frozen' | 'down' = 'down';

  constructor(
    readonly name: string,
    readonly postgres: Proxy,
    /** To each Redis server that it may ask, and to the Sentinel. */
    readonly redis: readonly Proxy[],
    private readonly settings: Settings,
  ) {}

  async start(): Promise<void> {
    this.process = await startProcess(this.settings);
    this.state = 'up';
  }

  /** SIGTERM, as in a rolling restart. */
  async stop(): Promise<void> {
    this.state = 'down';
    const status = await this.process?.stop();
    this.forgetConnections();
    if (status !== 0) throw new Error(`${this.name} ended with ${String(status)} on SIGTERM:\n${this.output}`);
  }

  async kill(): Promise<void> {
    this.state = 'down';
    await this.process?.kill();
    this.forgetConnections();
  }

  async freeze(): Promise<void> {
    if (this.state !== 'up') return;
    this.state = 'frozen';
    await this.process?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.process?.signal('SIGCONT');
    if (this.state === 'frozen') this.state = 'up';
  }

  /** What its process has printed, the last 64 KiB. */
  get output(): string {
    return this.process?.output ?? '';
  }

  ask(method: string, path: string, extras: RequestExtras = {}): Promise<Reply> {
    if (!this.process) return Promise.reject(new Error(`${this.name} was never started`));
    return send(method, this.process.url + path, { withinMs: ANSWER_WITHIN_MS, agent: this.agent, ...extras });
  }

  async end(): Promise<void> {
    this.state = 'down';
    this.agent.destroy();
    await this.process?.stop();
    await Promise.all([this.postgres, ...this.redis].map((proxy) => proxy.end()));
  }

  private forgetConnections(): void {
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true });
  }
}

/** The instances: the last one knows Redis by an address that follows the master, the others ask the Sentinel. */
export class Fleet {
  private constructor(readonly instances: readonly Instance[]) {}

  static async start(count: number, postgres: PostgresPair, redis: RedisPair, settings: Settings): Promise<Fleet> {
    const followers: Proxy[] = [];
    const instances: Instance[] = [];
    for (let i = 0; i < count; i++) {
      const database = await Proxy.before(postgres.port);
      const own: Settings = { ...settings, CACHING_DATABASE_URL: postgres.urlThrough(database.port) };
      if (i < count - 1) {
        const { proxies, sentinel } = await behindSentinel(redis);
        const named = {
          CACHING_REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`,
          CACHING_REDIS_SENTINEL_NAME: MASTER_NAME,
        };
        instances.push(new Instance(`instance ${i + 1}`, database, [...proxies, sentinel], { ...own, ...named }));
      } else {
        const follower = await Proxy.before(redis.master.port);
        followers.push(follower);
        const address = { CACHING_REDIS_HOST: '127.0.0.1', CACHING_REDIS_PORT: String(follower.port) };
        instances.push(new Instance(`instance ${i + 1}`, database, [follower], { ...own, ...address }));
      }
    }
    redis.onMaster((port) => followers.forEach((follower) => follower.leadTo(port)));
    const fleet = new Fleet(instances);
    try {
      // One after the other: the first one migrates.
      for (const instance of instances) await instance.start();
    } catch (error) {
      await fleet.end();
      throw error;
    }
    return fleet;
  }

  async end(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.end()));
  }
}

/** Proxies to both servers, and to the Sentinel one that names those proxies instead of the servers. */
async function behindSentinel(redis: RedisPair): Promise<{ proxies: Proxy[]; sentinel: Proxy }> {
  const proxies = [await proxyOfSameLength(redis.servers[0].port), await proxyOfSameLength(redis.servers[1].port)];
  const sentinel = await Proxy.before(redis.sentinelPort, (answer) => {
    let text = answer.toString('latin1');
    for (const [i, { port }] of redis.servers.entries()) text = text.replaceAll(String(port), String(proxies[i]!.port));
    return Buffer.from(text, 'latin1');
  });
  return { proxies, sentinel };
}

/** Its port has as many digits as the server's, since Redis's answers say how long they are. */
async function proxyOfSameLength(port: number): Promise<Proxy> {
  const refused: Proxy[] = [];
  try {
    for (;;) {
      const proxy = await Proxy.before(port);
      if (String(proxy.port).length === String(port).length) return proxy;
      refused.push(proxy);
    }
  } finally {
    await Promise.all(refused.map((proxy) => proxy.end()));
  }
}
