// The least that Node.js can do: the very headers and bytes that the service answers, prepared once.
import { createServer } from 'node:http';
import { type PeerOptions, peerOptions } from './options.js';
import { ask, type WireAnswer } from './upstream.js';

export interface BareHttpOptions extends PeerOptions {
  /** Base URL of the service. */
  readonly upstream: string;
  readonly requests: readonly { readonly path: string; readonly headers?: Readonly<Record<string, string>> }[];
}

const { port, upstream, requests } = peerOptions<BareHttpOptions>();
const answers = new Map<string, WireAnswer>();
for (const { path, headers } of requests) answers.set(path, await ask(upstream + path, headers));

createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
  const answer = answers.get(request.url!);
  if (answer === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(answer.status, answer.headers as string[]);
  response.end(answer.body);
}).listen(port, '127.0.0.1');
