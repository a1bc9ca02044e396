const row = { id: 7, tags: ['products:42'], glob: null };
const told = { type: 'told', from: 'a', database: 'pg', shared: 'run/data', rows: [row] };
const applied = { type: 'applied', from: 'a', database: 'pg', rows: [7] };

/** What no field may be. JSON has neither `undefined` nor functions. */
const NO_TEXT = [undefined, null, 7, true, {}, ['a']];
const NO_LIST = [undefined, null, 7, true, 'a', '', {}, { length: 1, 0: row }];
const NO_ID = [undefined, null, '7', 7.5, -Infinity, 2 ** 53, true, {}, [7]];

/** Texts that are no message, each with what is wrong with it. */
export function malformed(): [what: string, text: string][] {
  const found: [string, string][] = [
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half of a message', JSON.stringify(told).slice(0, -5)],
    ['two messages', '{"type":"wake","from":"a"}{"type":"wake","from":"a"}'],
    ['brackets without end', '['.repeat(50_000)],
    ['objects without end', '{"rows":'.repeat(50_000)],
    ['arrays in arrays', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['a number beyond all', '{"type":"applied","from":"a","database":"pg","rows":[1e999]}'],
    ['another prototype', '{"__proto__":{"type":"wake","from":"a"}}'],
  ];
  const none = (what: string, value: unknown): void =>
    void found.push([`${what}: ${JSON.stringify(value)?.slice(0, 60)}`, JSON.stringify(value)]);

  for (const value of [null, 7, true, 'told', [], [told], {}, [[]]]) none('no object', value);
  for (const type of [...NO_TEXT, '', 'Told', 'said', 'constructor', '__proto__', 'toString']) none('type', { ...told, type });
  for (const from of NO_TEXT) for (const message of [told, applied, { type: 'wake' }]) none('from', { ...message, from });
  for (const database of NO_TEXT) for (const message of [told, applied]) none('database', { ...message, database });
  for (const shared of NO_TEXT) none('shared', { ...told, shared });
  for (const rows of NO_LIST) for (const message of [told, applied]) none('rows', { ...message, rows });
  for (const id of NO_ID) {
    none('a row’s id', { ...told, rows: [row, { ...row, id }] });
    none('an id', { ...applied, rows: [7, id] });
  }
  for (const tags of [...NO_LIST, ...NO_TEXT.map((tag) => ['products:42', tag])])
    none('tags', { ...told, rows: [{ ...row, tags }] });
  for (const glob of [undefined, 7, true, {}, ['*']]) none('glob', { ...told, rows: [{ ...row, glob }] });
  for (const no of [null, 7, 'row', [], [row], true]) none('no row', { ...told, rows: [row, no] });
  none('rows of another type', { ...told, rows: applied.rows });
  none('rows of another type', { ...applied, rows: told.rows });
  return found;
}
