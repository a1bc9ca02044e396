import { deepStrictEqual } from 'node:assert';
import type { Contender } from './contender.js';

/** Checks that all of them answer a path with the same JSON. @throws AssertionError */
export async function agree(servers: readonly Contender[], path: string): Promise<void> {
  const [first, ...others] = await Promise.all(servers.map(({ url }) => json(url + path)));
  for (const other of others) deepStrictEqual(other, first);
}

async function json(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} was answered ${answer.status}`);
  return answer.json();
}
