import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { rawRequest } from '../../../e2e/raw-request.js';
import { ANSWERS, Client, endServers, Gate, later, now, onPost, serve, servers } from './answers.js';

afterEach(endServers);

describe('a held answer', () => {
  const posts = {
    'HTTP/1.1': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    'HTTP/1.0': 'POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n',
    'a connection that stays':
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  };
  const all = Object.entries(posts).flatMap(([way, bytes]) =>
    Object.entries(ANSWERS).map(([name, handler]) => [name, way, bytes, handler] as const),
  );
  // HTTP/1.0 has none.
  const cases = all.filter(([name, way]) => way !== 'HTTP/1.0' || !name.includes('trailer'));

  it.each(cases)('of %s by %s has the same bytes as without the fence', async (_name, way, bytes, handler) => {
    const told: string[] = [];
    for (const settle of [null, now, later]) {
      const { text } = await rawRequest(await serve(handler, settle), bytes);
      // Where a chunk ends is nobody's business, and a header may stand anywhere.
      const lines = text
        .replace(/^Date: .*\r\n/gm, '')
        .replace(/\r\n[0-9a-f]+\r\n/g, '')
        .split('\r\n');
      // To HTTP/1.0 Node.js may leave it to the end of the connection where a body ends.
      const kept = way === 'HTTP/1.0' ? lines.filter((line) => !line.startsWith('Content-Length')) : lines;
      told.push(kept.sort().join('\n'));
    }
    expect(told[0]).toMatch(/HTTP\/1.1 \d/);
    expect(told[1]).toBe(told[0]);
    expect(told[2]).toBe(told[0]);
  });

  it('sends no byte before its fence is open, and then all', async () => {
    const gate = new Gate();
    const client = new Client(
      await serve(
        onPost((response) => response.end('body')),
        gate.settle,
      ),
    );
    await client.until(() => gate.asked === 1);
    expect(await client.caughtUp()).toBe('');
    gate.open();
    await client.until(() => client.closed);
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK[^]*body$/);
    expect(gate.asked).toBe(1);
  });

  const beginnings: [string, (response: ServerResponse) => unknown][] = [
    ['flushHeaders', (response) => response.flushHeaders()],
    ['write', (response) => response.write('one')],
    [
      'a stream',
      (response) => {
        const source = new Readable({ read: () => undefined });
        source.push('one');
        source.pipe(response, { end: false });
      },
    ],
  ];

  it.each(beginnings)(
    'that is begun by %s sends no byte before its fence is open, and its end waits for another',
    async (_how, begin) => {
      const gate = new Gate();
      let sent!: ServerResponse;
      const client = new Client(
        await serve(
          onPost((response) => begin((sent = response))),
          gate.settle,
        ),
      );
      await client.until(() => gate.asked === 1);
      expect(await client.caughtUp()).toBe('');
      gate.open();
      await client.until(() => client.text.includes('HTTP/1.1 200'));
      sent.write('two');
      await client.until(() => client.text.includes('two'));
      sent.end('three');
      await client.until(() => gate.asked === 2);
      expect(await client.caughtUp()).not.toContain('three');
      gate.open();
      await client.until(() => client.closed);
      expect(client.text).toMatch(/two[^]*three[^]*0\r\n\r\n$/);
    },
  );

  it('waits once for an answer sent in one call, and twice if its end is sent during the wait', async () => {
    const gate = new Gate();
    let sent!: ServerResponse;
    const port = await serve(
      onPost((response) => (sent = response)),
      gate.settle,
    );
    const one = new Client(port);
    await one.until(() => sent !== undefined);
    sent.write('one ');
    sent.end('two');
    await one.until(() => gate.asked === 1);
    gate.open();
    await one.until(() => one.closed);

    const other = new Client(port);
    const before = sent;
    await other.until(() => sent !== before);
    sent.write('one ');
    await other.until(() => gate.asked === 2);
    sent.end('two');
    gate.open();
    await other.until(() => gate.asked === 3);
    await other.until(() => other.text.includes('one '));
    expect(await other.caughtUp()).not.toContain('two');
    gate.open();
    await other.until(() => other.closed);
    expect(other.text).toContain('two');
    expect(gate.asked).toBe(3);
  });

  it.each([400, 404, 422, 503])('with the status %i waits for nothing', async (status) => {
    const gate = new Gate();
    const client = new Client(await serve((response) => response.writeHead(status).end('no'), gate.settle));
    await client.until(() => client.closed);
    expect([client.text.slice(9, 12), gate.asked]).toEqual([String(status), 0]);
  });

  it.each([200, 201, 204, 302, 303])('with the status %i waits', async (status) => {
    const gate = new Gate();
    const client = new Client(await serve((response) => response.writeHead(status).end(), gate.settle));
    await client.until(() => gate.asked === 1);
    gate.open();
    await client.until(() => client.closed);
    expect(client.text.slice(9, 12)).toBe(String(status));
  });

  it('behaves for its sender as without the fence: head, end, callbacks and errors', async () => {
    const seen: unknown[][] = [];
    for (const settle of [null, later]) {
      const log: unknown[] = [];
      const handler = onPost((response) => {
        const look = (what: string): unknown => log.push([what, response.headersSent, response.writableEnded]);
        response.on('error', ({ code }: NodeJS.ErrnoException) => log.push(['error', code]));
        response.on('finish', () => look('finish'));
        look('before');
        response.write('one', () => log.push('written one'));
        look('write');
        expect(() => response.setHeader('X-Late', '1')).toThrow('Cannot set headers');
        expect(() => response.writeHead(500)).toThrow('Cannot');
        expect(() => response.write(null as never)).toThrow('May not write null');
        expect(() => response.write(5 as never)).toThrow('must be of type string');
        response.statusCode = 500;
        response.end('two', () => log.push('ended'));
        look('end');
        response.end(() => log.push('ended twice'));
        response.write('three', () => log.push('refused'));
      });
      const client = new Client(await serve(handler, settle));
      await client.until(() => client.closed);
      expect(client.text).toMatch(/^HTTP\/1.1 200[^]*one[^]*two/);
      expect(client.text).not.toContain('three');
      // The callbacks of two events of one tick may change places.
      seen.push(log.map((line) => JSON.stringify(line)).sort());
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toContain('["end",true,true]');
    expect(seen[1]).toContain('["error","ERR_STREAM_WRITE_AFTER_END"]');
  });

  it('holds its source back, and says once when it may go on', async () => {
    const gate = new Gate();
    let read = 0;
    let drains = 0;
    const source = new Readable({
      highWaterMark: 10_000,
      read() {
        read++;
        this.push(read <= 500 ? Buffer.alloc(10_000, 97) : null);
      },
    });
    const client = new Client(
      await serve(
        onPost((response) => {
          response.on('drain', () => drains++);
          source.pipe(response);
        }),
        gate.settle,
      ),
    );
    await client.until(() => gate.asked === 1);
    await client.caughtUp();
    expect([read <= 4, drains]).toEqual([true, 0]);
    gate.open(2);
    await client.until(() => client.closed);
    expect(drains).toBeGreaterThan(0);
    expect(client.text.length).toBeGreaterThan(5_000_000);
  });

  it('says drain to a writer that waits for it, though it has written little', async () => {
    const order: string[] = [];
    const client = new Client(
      await serve((response) => {
        order.push(`write ${response.write('one')}`);
        response.once('drain', () => {
          order.push(`drain, write ${response.write('two')}`);
          response.end();
        });
      }, later),
    );
    await client.until(() => client.closed);
    expect(order).toEqual(['write false', 'drain, write true']);
    expect(client.text).toMatch(/one[^]*two/);
  });

  it('whose client has gone ends as it does without: callbacks fail, and the server goes on', async () => {
    const gate = new Gate();
    const log: unknown[] = [];
    let sent!: ServerResponse;
    const port = await serve(
      onPost((response) => {
        sent = response;
        response.on('close', () => log.push('close'));
        response.write('one', (error) => log.push(error && 'failed'));
      }),
      gate.settle,
    );
    const client = new Client(port);
    await client.until(() => gate.asked === 1);
    client.socket.destroy();
    await client.until(() => log.includes('close'));
    sent.end('two');
    gate.open(2);
    await client.until(() => log.length === 2);
    expect(log).toEqual(['close', 'failed']);
    await client.caughtUp();
  });

  it('that cannot be sent after all breaks its connection, and nothing else', async () => {
    const client = new Client(
      await serve(
        onPost((response) => {
          response.strictContentLength = true;
          response.writeHead(200, { 'Content-Length': 3 });
          response.end('four');
        }),
        later,
      ),
    );
    await client.until(() => client.closed);
    expect(client.text).not.toContain('four');
    await client.caughtUp();
  });

  it('keeps its place among the answers of its connection', async () => {
    const gate = new Gate();
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';
    let number = 0;
    const client = new Client(
      await serve((response, { method }) => response.end(`${method} ${++number}.`), gate.settle),
      get + post + get + post,
    );
    await client.until(() => gate.asked === 2 && client.text.includes('GET 1.'));
    expect(client.text.match(/(GET|POST) \d\./g)).toEqual(['GET 1.']);
    gate.open(2);
    await client.until(() => client.text.includes('POST 4.'));
    expect(client.text.match(/(GET|POST) \d\./g)).toEqual(['GET 1.', 'POST 2.', 'GET 3.', 'POST 4.']);
    client.socket.destroy();
  });

  it('is no idle connection to a server that stops', async () => {
    const gate = new Gate();
    const client = new Client(
      await serve((response) => response.end('body'), gate.settle),
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
    );
    await client.until(() => gate.asked === 1);
    const server = servers[0]!;
    server.close();
    server.closeIdleConnections();
    gate.open();
    await client.until(() => client.text.includes('body') || client.closed);
    expect(client.text).toContain('body');
    client.socket.destroy();
  });
});
