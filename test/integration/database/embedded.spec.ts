import { access, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openEmbedded, type Embedded } from '../../../src/database/embedded/embedded.js';
import { ensureBuilt } from '../../support/build.js';
import { eventually } from '../../support/eventually.js';
import { embeddedProcess, type EmbeddedProcess } from './child.js';

const processes: EmbeddedProcess[] = [];
const clients: pg.Client[] = [];
let folder: string;

beforeAll(ensureBuilt, 300_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-spec-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
  for (const child of processes.splice(0)) {
    child.signal('SIGKILL');
    await child.ended;
  }
  await rm(folder, { recursive: true, force: true });
});

async function connect({ host, port }: { host: string; port: number }): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

function launch(purpose = 'service', attach = false): EmbeddedProcess {
  const child = embeddedProcess(folder, purpose, attach);
  processes.push(child);
  return child;
}

describe('clients of the embedded database', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await openEmbedded({ dataDir: 'memory', purpose: 'service' });
  });

  afterEach(async () => {
    await (await connect(embedded)).query('DROP TABLE IF EXISTS t');
  });

  afterAll(() => embedded.close());

  it('get their own answers where parameters do not fit into one piece', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => connect(embedded)));
    const text = 'y'.repeat(300_000);
    const answers = await Promise.all(
      all.map(async (client, c) => {
        const own = [];
        for (let i = c; i < 60; i += all.length) {
          const values = [i, i % 2 === 0 ? 'x' : text];
          own.push(...(await client.query(`SELECT $1::int AS a, length($2::text) AS n, ${i} AS own`, values)).rows);
        }
        return own as { a: number; n: number; own: number }[];
      }),
    );
    for (const { a, n, own } of answers.flat()) expect({ a, n }).toEqual({ a: own, n: own % 2 === 0 ? 1 : 300_000 });
    expect(answers.flat()).toHaveLength(60);
  });

  it('see nothing of an open transaction and keep theirs apart', async () => {
    const [writer, other, reader] = [await connect(embedded), await connect(embedded), await connect(embedded)];
    await writer.query('CREATE TABLE t (who text)');
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO t VALUES ('writer')`);
    const theirs = other
      .query('BEGIN')
      .then(() => other.query(`INSERT INTO t VALUES ('other')`))
      .then(() => other.query('COMMIT'));
    const seen = reader.query('SELECT who FROM t');
    await writer.query(`INSERT INTO t VALUES ($1)`, ['writer']);
    await writer.query('ROLLBACK');
    await theirs;
    const { rows } = await seen;
    expect(rows.filter(({ who }: { who: string }) => who === 'writer')).toEqual([]);
    expect((await reader.query('SELECT who FROM t')).rows).toEqual([{ who: 'other' }]);
  });

  it('go on when one dies in a transaction, which is rolled back', async () => {
    const [dying, other] = [await connect(embedded), await connect(embedded)];
    await other.query('CREATE TABLE t (n int)');
    await dying.query('BEGIN');
    await dying.query('INSERT INTO t VALUES (1)');
    const waiting = other.query('SELECT count(*)::int AS n FROM t');
    socketOf(dying).destroy();
    expect((await waiting).rows).toEqual([{ n: 0 }]);
  });

  it('go on when one dies between BEGIN and its answer', async () => {
    const other = await connect(embedded);
    for (let round = 0; round < 20; round++) {
      const dying = await connect(embedded);
      dying.query('BEGIN').catch(() => undefined);
      socketOf(dying).end();
      socketOf(dying).destroy();
      expect((await other.query('SELECT $1::int AS round', [round])).rows).toEqual([{ round }]);
    }
  });

  it('go on when one dies in the middle of a message sequence that failed', async () => {
    const [dying, other] = [await connect(embedded), await connect(embedded)];
    const { connection } = dying as unknown as {
      connection: { parse(x: object): void; bind(x: object): void; execute(x: object): void; flush(): void };
    };
    connection.parse({ text: 'SELECT 1 / 0' });
    connection.bind({});
    connection.execute({});
    connection.flush();
    const waiting = other.query('SELECT 7 AS seven');
    socketOf(dying).destroySoon();
    expect((await waiting).rows).toEqual([{ seven: 7 }]);
  });

  it('find trigrams installed', async () => {
    const client = await connect(embedded);
    await client.query('CREATE EXTENSION pg_trgm');
    expect((await client.query(`SELECT similarity('lamp', 'lamps') > 0.5 AS alike`)).rows).toEqual([{ alike: true }]);
  });
});

describe('the folder of the embedded database', () => {
  it('has one of two that start at once, and says whose it is', async () => {
    const both = [launch(), launch()];
    const outcomes = await Promise.all(both.map(({ outcome }) => outcome));
    expect(outcomes.filter(({ opened }) => opened)).toHaveLength(1);
    const winner = both[outcomes.findIndex(({ opened }) => opened)]!;
    const refused = outcomes.find(({ opened }) => !opened);
    expect(refused?.code).toBe('DATA_FOLDER_IN_USE');
    expect(refused?.message).toContain(`another service (process ${winner.pid}) is using the folder ${folder}`);
  });

  it('keeps what was committed before kill -9, and is free again', async () => {
    const first = launch();
    const client = await connect(await first.outcome);
    await client.query('CREATE TABLE t (n int)');
    await client.query('INSERT INTO t VALUES (42)');
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (43)');
    first.signal('SIGKILL');
    await first.ended;

    const embedded = await openEmbedded({ dataDir: folder, purpose: 'service' });
    try {
      const again = await connect(embedded);
      expect((await again.query('SELECT n FROM t')).rows).toEqual([{ n: 42 }]);
      await again.end();
    } finally {
      await embedded.close();
    }
    expect(await readdir(folder)).toEqual(['pgdata']);
  });

  it('starts anew where the first start was killed while it made the cluster', async () => {
    const first = launch();
    await eventually('the cluster is being made', () => exists(join(folder, 'pgdata', 'base')), { everyMs: 5 });
    first.signal('SIGKILL');
    await first.ended;
    const { opened } = await launch().outcome;
    expect(opened).toBe(true);
  });

  it('lets a command use the database of the service, and waits for one that is opening', async () => {
    const service = launch();
    await eventually('the service has the lock', async () => (await readdir(folder)).some((name) => name.startsWith('.lock-')));
    const embedded = await openEmbedded({ dataDir: folder, purpose: 'db:seed', attach: true });
    const client = await connect(embedded);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await embedded.close();
    const stillThere = await connect(await service.outcome);
    expect((await stillThere.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it('is kept by a command until others that use its database have left', async () => {
    const command = launch('db:import');
    const client = await connect(await command.outcome);
    command.signal('SIGTERM');
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    expect(await command.ended).toBe(0);
  });

  it('may have a path that is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(120));
    await mkdir(long);
    const embedded = await openEmbedded({ dataDir: long, purpose: 'service' });
    await expect(openEmbedded({ dataDir: long, purpose: 'service' })).rejects.toThrow('is using the folder');
    const client = await connect(embedded);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await stat(join(long, '.s.PGSQL.5432'))).mode & 0o777).toBe(0o600);
    await client.end();
    await embedded.close();
  });

  it('is served on loopback where there are no Unix sockets', async () => {
    const embedded = await openEmbedded({ dataDir: folder, purpose: 'service', transport: 'loopback' });
    const attached = await openEmbedded({ dataDir: folder, purpose: 'db:seed', attach: true });
    expect(attached).toMatchObject({ host: '127.0.0.1', port: embedded.port });
    const client = await connect(attached);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await attached.close();
    await embedded.close();
  });

  it('is refused with a sentence where it is no folder', async () => {
    await expect(openEmbedded({ dataDir: '/dev/null/data', purpose: 'service' })).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringContaining('/dev/null/data') as string,
    });
  });
});

function socketOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
