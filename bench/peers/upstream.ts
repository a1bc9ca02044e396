import { get } from 'node:http';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them. Those that Node.js itself sends are left to it. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const NODES_OWN = new Set(['date', 'connection', 'keep-alive']);

/** Asks the service what a bare server shall answer. */
export function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { rawHeaders, statusCode = 0 } = response;
        const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]!]] : []));
        const kept = pairs.filter(([name]) => !NODES_OWN.has(name!.toLowerCase()));
        resolve({ status: statusCode, headers: kept.flat(), body: Buffer.concat(chunks) });
      });
    });
    request.on('error', reject);
  });
}
