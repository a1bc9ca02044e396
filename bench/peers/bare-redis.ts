// The least that an answer from Redis costs: one MGET of the service's own entry and its tokens.
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { type PeerOptions, peerOptions } from './options.js';
import { ask } from './upstream.js';

export interface BareRedisOptions extends PeerOptions {
  readonly upstream: string;
  readonly redisUrl: string;
  /** The keys as the service has them: the entry first, then the tokens. */
  readonly requests: readonly { readonly path: string; readonly keys: readonly string[] }[];
}

interface Stored {
  readonly keys: string[];
  readonly headers: string[];
  /** Where in the entry the body is. */
  readonly from: number;
  readonly to: number;
}

const { port, upstream, redisUrl, requests } = peerOptions<BareRedisOptions>();
// Commands go out one by one: `enableAutoPipelining` was tried, and costs this server a sixth more CPU.
const redis = new Redis(redisUrl);
const stored = new Map<string, Stored>();
for (const { path, keys } of requests) {
  const { headers, body } = await ask(upstream + path);
  const entry = await redis.getBuffer(keys[0]!);
  const from = entry?.indexOf(body) ?? -1;
  if (from < 0) throw new Error(`Redis does not hold what ${path} answers`);
  stored.set(path, { keys: [...keys], headers: headers as string[], from, to: from + body.length });
}

createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
  const { keys, headers, from, to } = stored.get(request.url!)!;
  redis.mgetBuffer(keys).then(
    ([entry, ...tokens]) => {
      if (entry == null || tokens.includes(null)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, headers);
      response.end(entry.subarray(from, to));
    },
    () => response.writeHead(500).end(),
  );
}).listen(port, '127.0.0.1');
