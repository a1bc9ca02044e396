import { jest } from '@jest/globals';
import * as fs from 'node:fs';

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** What the disk says to each write; where it says nothing, it takes the bytes. */
const answers: string[] = [];
/** All that was tried to be written, and what of it was taken. */
const tried: string[] = [];
const taken: string[] = [];

function write(_fd: number, bytes: Buffer, done: Done): void {
  const text = bytes.toString();
  tried.push(text);
  const code = answers.shift();
  if (code === undefined) taken.push(text);
  setImmediate(() =>
    done(code === undefined ? null : Object.assign(new Error(code), { code }), code === undefined ? bytes.length : 0),
  );
}

jest.unstable_mockModule('node:fs', () => ({ ...fs, write, closeSync: () => undefined }));
const { LineWriter } = await import('../../../src/logging/line-writer.js');

/** One turn of the event loop for each step of a write, and some to spare. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

beforeEach(() => {
  for (const list of [answers, tried, taken]) list.length = 0;
});

it('a full disk costs the lines that it did not take, and no later ones; none is tried twice', async () => {
  const writer = new LineWriter(0);
  answers.push('ENOSPC');
  for (const line of ['1\n', '2\n', '3\n']) {
    writer.write(line);
    await turns();
  }
  expect(tried).toEqual(['1\n', '2\n', '3\n']);
  expect(taken).toEqual(['2\n', '3\n']);
});

it('lines of one turn are one write', async () => {
  const writer = new LineWriter(0);
  for (const line of ['1\n', '2\n', '3\n']) writer.write(line);
  await turns();
  expect(taken).toEqual(['1\n2\n3\n']);
});
