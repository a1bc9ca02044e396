import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LoadGenerator } from '../../../bench/load/generator.js';

const REQUESTS_PER_SECOND = 1000;
const REQUESTS = 5000;

let server: ChildProcess;
let generator: LoadGenerator;
let port: number;

beforeAll(async () => {
  generator = new LoadGenerator();
  server = fork(join(process.cwd(), 'test', 'unit', 'bench', 'stalling-server.mjs'), { execArgv: [], env: {} });
  [port] = (await once(server, 'message')) as [number];
});

afterAll(async () => {
  await generator.end();
  server.disconnect();
  await once(server, 'exit');
});

describe('a server that blocks for 300 ms in every second, under open-loop load', () => {
  it('is reported as slow as it knows itself to have been: no coordinated omission', async () => {
    const requests = Array.from({ length: REQUESTS }, (_, n) => ({ path: `/${n}` }));
    const report = await generator.run({
      ports: [port],
      connections: 32,
      parts: [{ name: 'all', share: 1, requests }],
      loop: { type: 'open', requestsPerSecond: REQUESTS_PER_SECOND },
      until: { requests: REQUESTS },
    });
    const answeredAtMs = (await (await fetch(`http://127.0.0.1:${port}/record`)).json()) as number[];
    expect(answeredAtMs).toHaveLength(REQUESTS);
    const dueAtMs = (n: number): number => report.firstDueMs + (n * 1000) / REQUESTS_PER_SECOND;
    const late = answeredAtMs.map((at, n) => at - dueAtMs(n)).sort((a, b) => a - b);
    const truth = (percent: number): number => late[Math.ceil((late.length * percent) / 100) - 1]!;

    // The server's own stalls are there to be found. A generator that waits for answers before it sends sees 2 ms here.
    expect(truth(90)).toBeGreaterThan(150);
    const { all } = report.latencyMs;
    expect(all?.count).toBe(REQUESTS);
    for (const [said, percent] of [
      [all!.p90, 90],
      [all!.p99, 99],
      [all!.max, 100],
    ] as const) {
      // Its three digits, and on a busy machine the time until it is given a turn to see the answer.
      expect(said).toBeGreaterThan(truth(percent) * 0.99 - 1);
      expect(said).toBeLessThan(truth(percent) * 1.05 + 100);
    }
    expect(report.wrong).toEqual({});
  });
});
