import { Cluster, Redis, type RedisOptions as ClientOptions } from 'ioredis';
import type { HostPort, RedisOptions, RedisSentinels, RedisServer } from './redis-options.js';

export type RedisClient = Redis | Cluster;

const DEFAULT_PORT = 6379;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that leaves a command unanswered for this long is dead. */
const SILENCE_MS = 5_000;
/** A connection on which nothing happens is asked by TCP whether the other side is still there. */
const KEEP_ALIVE_MS = 5_000;

/**
 * A client for one connection: it never connects a second time, and it fails at once where it has none. Nothing is
 * queued, retried or resent, since a resent mark would stand without its tokens.
 *
 * Why once: ioredis reconnects by itself, but some of its states nothing leaves (a client that is disconnected while it
 * connects stays in `end`). `RedisConnection` makes another client instead, whatever has ended this one.
 */
const ONCE: ClientOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
  keepAlive: KEEP_ALIVE_MS,
};

/** For commands. @param attempt counts the clients made: where there are several ways in, each begins at another one */
export function commandsClient(options: RedisOptions, attempt: number): RedisClient {
  if (!('nodes' in options)) return serverClient(options, 'commands', attempt);
  const { lazyConnect, enableOfflineQueue, retryStrategy: _, ...redisOptions } = optionsFor(options, 'commands');
  const cluster = new Cluster([...options.nodes], {
    lazyConnect,
    enableOfflineQueue,
    redisOptions,
    clusterRetryStrategy: () => null,
    // What was under way when a connection broke may have been run. (MOVED, ASK and TRYAGAIN say that it was not.)
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
  });
  cluster.on('+node', catchAsking);
  return cluster;
}

/** For Pub/Sub. A cluster's nodes tell one another what is published, so that any of them will do. */
export function subscriberClient(options: RedisOptions, attempt: number): Redis {
  if (!('nodes' in options)) return serverClient(options, 'subscriber', attempt);
  return new Redis({ ...optionsFor(options, 'subscriber'), ...from(options.nodes, attempt)[0] });
}

/** For what a Sentinel publishes. */
export function sentinelClient({ host, port }: HostPort): Redis {
  return new Redis({ ...ONCE, host, port, enableReadyCheck: false, disableClientInfo: true });
}

/**
 * Resolves once commands can be sent, to a cluster's masters as well: ioredis connects a node when it sends it the first
 * command, and would hold that one back until then.
 */
export async function establish(client: RedisClient): Promise<void> {
  await client.connect();
  if (!('nodes' in client)) return;
  const connect = async (node: Redis): Promise<void> => {
    if (node.status === 'wait' && !node.options.readOnly) await node.connect();
  };
  client.on('+node', (node: Redis) => void connect(node).catch(() => undefined));
  // One that is dead is none of the cluster's concern: the others may serve.
  await Promise.allSettled(client.nodes('master').map(connect));
}

function serverClient(given: RedisServer | RedisSentinels, purpose: string, attempt: number): Redis {
  const options = optionsFor(given, purpose);
  if ('host' in given) return new Redis({ ...options, host: given.host, port: given.port ?? DEFAULT_PORT });
  return new Redis({
    ...options,
    // A Sentinel that is cut off from the others may name the former master for ever.
    sentinels: from(given.sentinels, attempt),
    name: given.name,
    // Addresses that Sentinels have of one another need not be reachable from here.
    updateSentinels: false,
    sentinelRetryStrategy: () => null,
    // One that accepts connections and answers nothing must not keep the others from being asked.
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
  });
}

function optionsFor(given: RedisOptions, purpose: string): ClientOptions {
  const { username, password, tls } = given;
  return {
    ...ONCE,
    username,
    password,
    tls: tls ? {} : undefined,
    // A cluster has only one.
    ...('nodes' in given ? {} : { db: given.db ?? 0 }),
    connectionName: `starkpulse-${purpose}`,
  };
}

/** The same list, begun at another place each time. */
function from<T>(list: readonly T[], attempt: number): T[] {
  const start = attempt % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** ioredis sends ASKING itself and catches nothing: where that fails, the rejection would end the process. */
function catchAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const answer = asking();
    answer.catch(() => undefined);
    return answer;
  };
}
