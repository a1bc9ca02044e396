import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/env.js';
import { openLog } from '../../../src/logging/log.js';
import { fileSink, type Sink } from '../../../src/logging/sink.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

class Memory implements Sink {
  text = '';
  write(line: string): void {
    this.text += line;
  }
  reopen(): void {}
  flush(): void {}
  get lines(): Record<string, any>[] {
    return linesOf(this.text);
  }
}

function linesOf(text: string): Record<string, any>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, any>);
}

function logOf(env: Record<string, string> = {}) {
  const output = new Memory();
  return { output, log: openLog(loadConfig({ CACHING_LOG_FILE: '', ...env }), output) };
}

describe('a line', () => {
  it('is JSON with the level as a word and the time as ISO 8601', () => {
    const { output, log } = logOf();
    log.logger.warn({ context: 'Here' }, 'two\nlines');
    expect(output.text.trimEnd()).not.toContain('\n');
    expect(output.lines).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        pid: process.pid,
        context: 'Here',
        msg: 'two\nlines',
      },
    ]);
  });

  it('below the level is not written', () => {
    const { output, log } = logOf({ CACHING_LOG_LEVEL: 'WARNING' });
    log.logger.info('no');
    log.logger.error('yes');
    expect(output.lines.map(({ msg }) => msg)).toEqual(['yes']);
  });

  it('goes to standard output and to the file, whose folder is made', () => {
    const file = join(folder, 'deep', 'er', 'x.log');
    const { output, log } = logOf({ CACHING_LOG_FILE: file });
    log.logger.info('both');
    log.flush();
    expect(readFileSync(file, 'utf8')).toBe(output.text);
    expect(output.lines).toHaveLength(1);
  });
});

describe('the file', () => {
  it('that cannot be opened costs a warning', () => {
    const { output, log } = logOf({ CACHING_LOG_FILE: '/proc/nowhere/x.log' });
    log.logger.info('on');
    expect(output.lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'the log file cannot be opened: logging to standard output alone'],
      ['info', 'on'],
    ]);
  });

  it('is appended to, and begun anew after it was renamed', () => {
    const file = join(folder, 'rotated.log');
    const first = logOf({ CACHING_LOG_FILE: file }).log;
    first.logger.info('1');
    first.flush();
    const { log } = logOf({ CACHING_LOG_FILE: file });
    log.logger.info('2');
    log.flush();
    renameSync(file, `${file}.1`);
    log.reopen();
    log.logger.info('3');
    log.flush();
    expect(linesOf(readFileSync(`${file}.1`, 'utf8')).map(({ msg }) => msg)).toEqual(['1', '2']);
    expect(linesOf(readFileSync(file, 'utf8')).map(({ msg }) => msg)).toEqual(['3']);
  });

  it('that cannot be opened again costs a warning, and the old one goes on', () => {
    const file = join(folder, 'gone', 'x.log');
    const { output, log } = logOf({ CACHING_LOG_FILE: file });
    renameSync(join(folder, 'gone'), join(folder, 'moved'));
    log.reopen();
    log.logger.info('on');
    log.flush();
    expect(output.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(linesOf(readFileSync(join(folder, 'moved', 'x.log'), 'utf8')).at(-1)?.['msg']).toBe('on');
  });

  (existsSync('/dev/full') ? it : it.skip)('on a full disk costs lines and nothing else', async () => {
    const sink = fileSink('/dev/full');
    for (let line = 0; line < 3; line++) {
      sink.write('x\n');
      await new Promise(setImmediate);
    }
    expect(() => sink.flush()).not.toThrow();
  });
});

describe('an error', () => {
  it('is written with its causes, and without what a client hung onto it', () => {
    const { output, log } = logOf();
    const cause = Object.assign(new TypeError('NOAUTH'), { command: { name: 'auth', args: ['hunter22'] }, code: 'E1' });
    log.logger.error({ err: new Error('failed', { cause }) }, 'it');
    const [{ err } = { err: undefined }] = output.lines;
    expect(err).toMatchObject({ type: 'Error', message: 'failed', cause: { type: 'TypeError', message: 'NOAUTH', code: 'E1' } });
    expect(err.stack).toContain('log.spec');
    expect(output.text).not.toContain('hunter22');
  });

  it('is bounded in length and depth', () => {
    const { output, log } = logOf();
    const loop = Object.assign(new Error('x'.repeat(1e6)), { code: 'C'.repeat(1e6) });
    loop.cause = loop;
    log.logger.error({ err: loop });
    expect(output.text.length).toBeLessThan(60_000);
  });

  it.each([
    ['a text', 'text', { type: 'string', message: 'text' }],
    ['a number', 17, { type: 'number', message: '17' }],
    ['null', null, { type: 'object', message: 'null' }],
    ['an object with a message', { message: 'odd', secret: 'hunter22' }, { type: 'object', message: 'odd' }],
    ['another object', { message: 1 }, { type: 'object', message: '[object Object]' }],
    ['a symbol', Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
    ['a long text', 'x'.repeat(1e6), { type: 'string', message: 'x'.repeat(2_000) }],
  ])('may be anything: %s', (_what, thrown, err) => {
    const { output, log } = logOf();
    log.logger.error({ err: thrown, x: 1 }, 'it');
    expect(output.lines).toEqual([expect.objectContaining({ msg: 'it', x: 1, err })]);
  });
});

describe('secrets', () => {
  const secretHeaders = ['authorization', 'cookie', 'proxy-authorization', 'set-cookie', 'x-api-key', 'x-starkpulse-warming'];
  const fields: [path: string, fields: (secret: string) => object][] = [
    ...['password', 'token', 'authorization', 'cookie'].map((name): [string, (secret: string) => object] => [
      name,
      (secret) => ({ [name]: secret }),
    ]),
    ...['password', 'token'].map((name): [string, (secret: string) => object] => [
      `auth.${name}`,
      (secret) => ({ auth: { [name]: secret } }),
    ]),
    ...secretHeaders.flatMap((name): [string, (secret: string) => object][] => [
      [`headers.${name}`, (secret) => ({ headers: { [name]: secret, accept: '*/*' } })],
      [`request.headers.${name}`, (secret) => ({ request: { headers: { [name]: secret, accept: '*/*' } } })],
      [`req.headers.${name}`, (secret) => ({ req: { headers: { [name]: secret, accept: '*/*' } } })],
    ]),
  ];

  it.each(fields)('in the field %s are redacted, and nothing beside it', (_path, withSecret) => {
    const { output, log } = logOf();
    log.logger.info(withSecret('hunter22'));
    expect(output.lines).toEqual([expect.objectContaining(withSecret('[redacted]'))]);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['the token', { CACHING_ADMIN_TOKEN: 'my"token\\1' }, ['my"token\\1']],
    ['the password of Redis', { CACHING_REDIS_HOST: 'r', CACHING_REDIS_PASSWORD: 'pass word' }, ['pass word', 'pass%20word']],
    ['the password of the database', { CACHING_DATABASE_URL: 'postgres://u:p%40ssword@db/x' }, ['p%40ssword', 'p@ssword']],
    [
      'as it was written, too',
      { CACHING_DATABASE_URL: 'postgres://u:p%c3%a4ssword@db/x' },
      ['p%c3%a4ssword', 'p%C3%A4ssword', 'pässword'],
    ],
    [
      'of two, the longer one first',
      { CACHING_ADMIN_TOKEN: 'secret', CACHING_REDIS_HOST: 'r', CACHING_REDIS_PASSWORD: 'secret-word' },
      ['secret-word', 'secret'],
    ],
  ])('of the settings are struck out of any text: %s', (_, env, forms) => {
    const { output, log } = logOf(env);
    for (const form of forms) log.logger.warn({ deep: { er: `<${form}>` } }, `said ${form}!`);
    expect(output.lines).toHaveLength(forms.length);
    for (const line of output.lines) expect(line).toMatchObject({ deep: { er: '<[redacted]>' }, msg: 'said [redacted]!' });
  });

  it('of fewer than six characters are no secrets: they would strike out ordinary words', () => {
    const { output, log } = logOf({ CACHING_REDIS_HOST: 'r', CACHING_REDIS_PASSWORD: 'pool' });
    log.logger.info('the pool');
    expect(output.lines[0]?.['msg']).toBe('the pool');
  });
});
