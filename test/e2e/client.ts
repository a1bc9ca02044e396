import { type Agent, request, type IncomingHttpHeaders } from 'node:http';

/** An answer as it came over the wire: no client's own cache, decoding or following of redirects in between. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON, whatever it is. */
  readonly json: any;
  /** `hit memory`, `hit redis`, `miss`, …: `Cache-Status` in short; '' without one. */
  readonly cache: string;
}

export interface RequestExtras {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 30,000. */
  readonly withinMs?: number;
  /** Keeps connections open. Default: none. */
  readonly agent?: Agent;
}

/** One request, on a connection of its own unless an agent is given. Rejects where the connection breaks or nothing is answered in time. */
export function send(
  method: string,
  url: string,
  { body, headers = {}, withinMs = 30_000, agent }: RequestExtras = {},
): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers: { ...type, ...headers }, agent: agent ?? false, timeout: withinMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(replyOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url}: no answer within ${withinMs} ms`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Requests to one service, by path. */
export function clientOf(service: { readonly url: string }) {
  const to = (method: string) => (path: string, extras?: RequestExtras) => send(method, service.url + path, extras);
  return {
    get: to('GET'),
    head: to('HEAD'),
    put: (path: string, body: unknown, extras?: RequestExtras) => to('PUT')(path, { ...extras, body }),
    post: (path: string, body?: unknown, extras?: RequestExtras) => to('POST')(path, { ...extras, body }),
    delete: to('DELETE'),
  };
}

export type Client = ReturnType<typeof clientOf>;

function replyOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Reply {
  return {
    status,
    headers,
    body,
    get json() {
      return JSON.parse(body.toString());
    },
    cache: shortStatus(headers['cache-status']),
  };
}

function shortStatus(header: string | string[] | undefined): string {
  const text = String(header ?? '');
  const detail = /detail=([\w-]+)/.exec(text)?.[1] ?? '';
  if (/; hit/.test(text)) return `hit ${detail}`;
  return /fwd=(\w+)/.exec(text)?.[1] ?? '';
}
