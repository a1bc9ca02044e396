import type { Emit } from '../core/events.js';
import { commandsClient, sentinelClient, subscriberClient } from './redis-client.js';
import { RedisConnection } from './redis-connection.js';
import type { RedisConnections } from './redis-connections.js';
import type { RedisOptions, RedisSentinels } from './redis-options.js';
import { subscribe } from './subscribe.js';

/** What a Sentinel publishes when another server has become the master: `name oldHost oldPort newHost newPort`. */
const SWITCHED = '+switch-master';

export function connectRedis(options: RedisOptions, emit: Emit): RedisConnections {
  const commands = new RedisConnection({ name: 'commands', open: (attempt) => commandsClient(options, attempt), emit });
  const subscriber = new RedisConnection({ name: 'subscriber', open: (attempt) => subscriberClient(options, attempt), emit });
  const all: { close(): void }[] = [commands, subscriber];
  if ('sentinels' in options) all.push(...watchSentinels(options, [commands, subscriber], emit));
  return {
    commands,
    subscriber,
    close: () => {
      for (const connection of all) connection.close();
    },
  };
}

/**
 * Makes the others connect anew when a Sentinel says that the master is another one. The former master may go on answering:
 * Sentinel cuts its clients off seconds later, or never where it cannot reach it.
 */
function watchSentinels(
  { sentinels, name }: RedisSentinels,
  connections: readonly Pick<RedisConnection, 'moved'>[],
  emit: Emit,
): { close(): void }[] {
  return sentinels.map((sentinel) => {
    const watch = new RedisConnection({
      name: `Sentinel ${sentinel.host}:${sentinel.port}`,
      open: () => sentinelClient(sentinel),
      emit,
    });
    subscribe(watch, [SWITCHED], (_channel, text) => {
      const [master, , , host, port] = text.split(' ');
      if (master === name) for (const connection of connections) connection.moved(String(host), Number(port));
    });
    return watch;
  });
}
