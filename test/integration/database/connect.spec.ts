import { createServer, connect as dial, type Socket } from 'node:net';
import { loadConfig } from '../../../src/config/env.js';
import { connectDataSource, databaseConnection, dataSourceOptions } from '../../../src/database/index.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { freePort } from '../../support/ports.js';

describe('a start', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });

  afterAll(() => database.drop());

  async function optionsFor(change: (url: URL) => void) {
    const url = new URL(database.url);
    change(url);
    const config = loadConfig({ CACHING_DATABASE_URL: url.href });
    return dataSourceOptions(await databaseConnection(config), config, { entities: [], migrations: [] });
  }

  it('waits for a server that comes later', async () => {
    const { hostname, port: target } = new URL(database.url);
    const port = await freePort();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      const onward = dial(Number(target), hostname);
      sockets.push(socket, onward);
      socket.pipe(onward).pipe(socket);
      for (const one of [socket, onward]) one.on('error', () => one.destroy());
    });
    const reasons: string[] = [];
    const options = await optionsFor((url) => {
      url.hostname = '127.0.0.1';
      url.port = String(port);
    });
    try {
      const source = await connectDataSource(options, {
        onRetry: (reason) => {
          reasons.push(reason);
          if (reasons.length === 1) server.listen(port, '127.0.0.1');
        },
      });
      expect(reasons[0]).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
      expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await source.destroy();
    } finally {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('gives up with one sentence that shows no password', async () => {
    const port = await freePort();
    const options = await optionsFor((url) => {
      url.hostname = '127.0.0.1';
      url.port = String(port);
      url.password = 'hunter2';
    });
    await expect(connectDataSource(options, { waitMs: 0 })).rejects.toMatchObject({
      code: 'DATABASE_UNUSABLE',
      message: `the database cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it('takes a percent-encoded password and the folder of a socket from the URL', async () => {
    const config = loadConfig({ CACHING_DATABASE_URL: 'postgres://me:a%2Fb%40c@localhost/shop?host=/run/postgresql' });
    const { Client } = (await import('pg')).default;
    const client = new Client((await databaseConnection(config)).connection);
    expect(client).toMatchObject({ user: 'me', password: 'a/b@c', host: '/run/postgresql', database: 'shop' });
  });
});
