import { readdirSync, readFileSync } from 'node:fs';
import { PROBLEM_STATUS } from '../../../src/problems/problem.js';

const root = new URL('../../../', import.meta.url);
const doc = readFileSync(new URL('docs/errors.md', root), 'utf8');

describe('docs/errors.md', () => {
  it('lists exactly the problems that are sent, with their status', () => {
    const rows = [...doc.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [code, Number(status)]);
    expect(Object.fromEntries(rows)).toEqual(PROBLEM_STATUS);
  });

  it('lists exactly the codes that the cache throws', () => {
    const rows = [...doc.matchAll(/^\| `(CACHE_\w+)` \|/gm)].map(([, code]) => code!);
    const sources = readdirSync(new URL('src/cache/', root), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('errors.ts'))
      .map((file) => readFileSync(new URL(`src/cache/${file}`, root), 'utf8'))
      .join('\n');
    const used = new Set([...sources.matchAll(/'(CACHE_[A-Z_]+)'/g)].map(([, code]) => code!));
    expect([...used].sort()).toEqual(rows.sort());
  });
});
