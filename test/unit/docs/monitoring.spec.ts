import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const doc = read('docs/monitoring.md');

/** What the first column of the page's tables names. */
const named = (pattern: RegExp): string[] => [...doc.matchAll(pattern)].map(([, name]) => name!).sort();

describe('docs/monitoring.md', () => {
  it('lists exactly the metrics that exist', () => {
    const sources = readdirSync(new URL('src/metrics/', root))
      .map((file) => read(`src/metrics/${file}`))
      .join('\n');
    const names = new Set([...sources.matchAll(/'((?:api|cache|database)_[a-z_]+)'/g)].map(([, name]) => name!));
    names.delete('cache_name');
    expect(named(/^\| `((?:api|cache|database)_[a-z_]+)` \|/gm)).toEqual([...names].sort());
  });

  it('lists exactly the alerts that exist, with their severity', () => {
    const rules = [...read('docker/prometheus/rules.yml').matchAll(/alert: (\w+)[^]*?severity: (\w+)/g)];
    expect(named(/^\| `([A-Z]\w+` \| \w+) \|/gm)).toEqual(rules.map(([, name, severity]) => `${name}\` | ${severity}`).sort());
  });
});
