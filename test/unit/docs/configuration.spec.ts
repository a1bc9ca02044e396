import { readFileSync } from 'node:fs';
import { variable, VARIABLES, type VariableName } from '../../../src/config/variables.js';

const doc = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
const NAMES = Object.keys(VARIABLES) as VariableName[];

/** Variable, default and what is accepted, as the tables of the page say. */
const rows = [...doc.matchAll(/^\| `(CACHING_\w+)` \| (.*?) \| (.*?) ?\| .*\|$/gm)].map(([, name, value, accepted]) => ({
  name: name as VariableName,
  default: value!.replaceAll('`', '').replace('unset', ''),
  accepted: accepted!,
}));

/** The rows of the tables of settings; the last table of the page compares some of them. */
const settings = rows.filter(({ name }, i) => rows.findIndex((row) => row.name === name) === i);

describe('docs/configuration.md', () => {
  it('lists exactly the settings that exist, with their defaults', () => {
    expect(Object.fromEntries(settings.map(({ name, default: value }) => [name, value]))).toEqual(
      Object.fromEntries(Object.entries(VARIABLES).map(([name, { default: value }]) => [name, value])),
    );
  });

  it.each(NAMES.filter((name) => variable(name).max !== undefined))('says the bounds of %s', (name) => {
    const { min, max } = variable(name);
    expect(settings.find((row) => row.name === name)!.accepted).toBe(`${min} to ${max}`);
  });
});
