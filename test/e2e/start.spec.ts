import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { ensureBuilt } from '../support/build.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { temporaryFolder } from '../support/server.js';
import { onPostgres } from '../support/settings.js';
import { SCHEMA } from '../../src/app/database.js';

const EMBEDDED = { CACHING_DATA_DIR: 'data' };
const CHAIR = { name: 'Started Chair', price: 49.9, category: 'furniture' };

let folder: string;
const services = new Set<ServiceProcess>();

beforeAll(ensureBuilt, 300_000);

beforeEach(() => {
  folder = temporaryFolder('start');
});

afterEach(async () => {
  await Promise.all([...services].map((service) => service.stop()));
  services.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function start(settings: Record<string, string>, untilReady = true): Promise<ServiceProcess> {
  const own = 'CACHING_DATABASE_URL' in settings ? {} : { folder };
  const service = await startProcess(settings, { ...own, untilReady });
  services.add(service);
  return service;
}

async function names({ url }: ServiceProcess): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/products?limit=1000`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { name: string }[]).map(({ name }) => name);
}

async function create({ url }: ServiceProcess, product: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/api/v1/products`, { method: 'POST', headers, body: JSON.stringify(product) });
}

describe('on the embedded database', () => {
  it('loads 200 products at the first start, and finds all data at the next, however the first one ended', async () => {
    const first = await start(EMBEDDED);
    expect(await names(first)).toHaveLength(200);
    expect((await create(first, CHAIR)).status).toBe(201);
    expect(await first.stop()).toBe(0);

    const second = await start(EMBEDDED);
    expect(await names(second)).toContain(CHAIR.name);
    expect((await create(second, { ...CHAIR, name: 'Second Chair' })).status).toBe(201);
    await second.kill();
    expect(await second.exited).toBe(137);

    const third = await start(EMBEDDED);
    const found = await names(third);
    expect(found).toHaveLength(202);
    expect(found).toEqual(expect.arrayContaining([CHAIR.name, 'Second Chair']));
  });

  it('refuses a folder that another service uses, in one sentence, and leaves that one alone', async () => {
    const first = await start(EMBEDDED);
    const second = await start(EMBEDDED, false);
    expect(await second.exited).toBe(1);
    expect(second.output.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^another service \(process \d+\) is using the folder .+ CACHING_DATA_DIR /),
    ]);
    expect(await names(first)).toHaveLength(200);
  });

  it('finishes what is in flight at SIGTERM, takes no more, and exits with 0', async () => {
    const service = await start(EMBEDDED);
    const request = await halfSent(service, CHAIR);
    await service.signal('SIGTERM');
    await eventually('nobody listens any more', () => refused(service.port));
    expect(service.running).toBe(true);
    const answer = await request.finish();
    expect(answer).toMatch(/HTTP\/1\.1 201 Created/);
    expect(answer).toContain(CHAIR.name);
    expect(await service.exited).toBe(0);

    expect(await names(await start(EMBEDDED))).toContain(CHAIR.name);
  });

  it('stops at a wrong setting, in one line that names it', async () => {
    const service = await start({ ...EMBEDDED, CACHING_LEASE_MS: 'soon' }, false);
    expect(await service.exited).toBe(1);
    expect(service.output.trimEnd().split('\n')).toEqual([expect.stringContaining('CACHING_LEASE_MS')]);
  });
});

describe('on one empty PostgreSQL database', () => {
  it.each([{ redis: true }, { redis: false }])(
    'all of several processes started at once come up, with Redis: $redis',
    async ({ redis }) => {
      const { database, settings } = await onPostgres({ redis });
      try {
        const started = await Promise.all(Array.from({ length: 3 }, () => start(settings)));
        expect(await query(database.url, 'SELECT name FROM migrations ORDER BY id')).toHaveLength(SCHEMA.migrations.length);

        const [first, ...others] = started as [ServiceProcess, ...ServiceProcess[]];
        for (const service of started) expect(await names(service)).toEqual([]);
        expect((await create(first, CHAIR)).status).toBe(201);
        for (const service of others) expect(await names(service)).toEqual([CHAIR.name]);

        expect(await Promise.all(started.map((service) => service.stop()))).toEqual([0, 0, 0]);
        expect(await query(database.url, 'SELECT * FROM cache_member')).toEqual([]);
      } finally {
        await Promise.all([...services].map((service) => service.stop()));
        await database.drop();
      }
    },
  );
});

interface HalfSent {
  /** Sends the rest; resolves with all that the service answered when the connection is closed. */
  finish(): Promise<string>;
}

/** A POST whose head the service has read (it said 100) and whose body is still to come. */
async function halfSent({ port }: ServiceProcess, product: object): Promise<HalfSent> {
  const body = JSON.stringify(product);
  const head = ['POST /api/v1/products HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Expect: 100-continue'];
  const socket: Socket = connect({ host: '127.0.0.1', port });
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  const closed = new Promise<void>((resolve, reject) => socket.once('close', () => resolve()).once('error', reject));
  socket.write(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`);
  await eventually('the service wants the body', () => answer.includes('100 Continue'));
  return {
    finish: async () => {
      socket.write(body);
      await closed;
      return answer;
    },
  };
}

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
