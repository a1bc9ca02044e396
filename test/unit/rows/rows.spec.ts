import { csvRows } from '../../../src/rows/csv.js';
import { jsonRows } from '../../../src/rows/json.js';
import { ndjsonRows } from '../../../src/rows/ndjson.js';
import type { Row, RowKind } from '../../../src/rows/row.js';
import { MalformedFile } from '../../../src/rows/text.js';

type Reader = (text: AsyncIterable<string>, kind: RowKind) => AsyncGenerator<Row>;

const PRODUCTS: RowKind = { plural: 'products', named: ['name', 'title'] };

/** Reads a text in pieces of a given length, and gives line and content, or the fault that ended it. */
async function read(reader: Reader, text: string, pieceChars: number): Promise<unknown[]> {
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += pieceChars) yield text.slice(at, at + pieceChars);
    yield '';
  }
  const rows: unknown[] = [];
  try {
    for await (const { line, content } of reader(pieces(), PRODUCTS)) {
      rows.push([line, 'fault' in content ? content.fault : content.fields]);
    }
  } catch (error) {
    if (!(error instanceof MalformedFile)) throw error;
    rows.push(error.message);
  }
  return rows;
}

/** Whatever the pieces, the rows are the same. */
async function rowsOf(reader: Reader, text: string): Promise<unknown[]> {
  const whole = await read(reader, text, 1_000_000);
  for (const pieceChars of [1, 2, 3, 7]) expect(await read(reader, text, pieceChars)).toEqual(whole);
  return whole;
}

describe('CSV', () => {
  it('gives each row the line where it begins, for all line endings', async () => {
    const text = '\nname,price\r\n\r\na,1\r\n"b\r\nc",2\r\n\n\nd,3\n"e ""f""",4\n';
    expect(await rowsOf(csvRows, text)).toEqual([
      [4, { name: 'a', price: '1' }],
      [5, { name: 'b\nc', price: '2' }],
      [9, { name: 'd', price: '3' }],
      [10, { name: 'e "f"', price: '4' }],
    ]);
  });

  it('takes names of columns in any case and skips rows of commas', async () => {
    expect(await rowsOf(csvRows, ' Title ,PRICE\n,\n" ",\na,1')).toEqual([[4, { title: 'a', price: '1' }]]);
  });

  it('refuses a row of another length and goes on', async () => {
    expect(await rowsOf(csvRows, 'name,price\na,1,2\nb\nc,3\n')).toEqual([
      [2, 'has 3 values for 2 columns'],
      [3, 'has 1 values for 2 columns'],
      [4, { name: 'c', price: '3' }],
    ]);
  });

  it('takes a quote within an unquoted value as it stands', async () => {
    expect(await rowsOf(csvRows, 'name,price\nTV 24" wide,1\n')).toEqual([[2, { name: 'TV 24" wide', price: '1' }]]);
  });

  it('ends at a quote that is never closed, at the line where its row begins', async () => {
    expect(await rowsOf(csvRows, 'name,price\na,1\n"b,2\nc,3\n')).toEqual([
      [2, { name: 'a', price: '1' }],
      'line 3: this is not CSV (quote not closed)',
    ]);
  });

  it('wants a column for the name', async () => {
    expect(await rowsOf(csvRows, '\nid;name\n1;a\n')).toEqual([expect.stringMatching(/^line 2: the first line names/)]);
  });

  it('refuses a column that is named twice', async () => {
    expect(await rowsOf(csvRows, 'name,price,Name\n')).toEqual(['line 1: the column "name" is named twice']);
  });
});

describe('JSON', () => {
  it('gives each item the line where it begins', async () => {
    const text = ' \n[\n  {"name": "a, ]\\"}\\\\", "tags": ["x", {"y": "\\n"}]},\n\n  {"name":\n"b"}, 5\n, null, [1]]\n \n';
    expect(await rowsOf(jsonRows, text)).toEqual([
      [3, { name: 'a, ]"}\\', tags: ['x', { y: '\n' }] }],
      [5, { name: 'b' }],
      [6, 'is not a JSON object'],
      [7, 'is not a JSON object'],
      [7, 'is not a JSON object'],
    ]);
  });

  it('may be an empty array', async () => {
    expect(await rowsOf(jsonRows, '[ \n]')).toEqual([]);
  });

  it.each([
    ['[{"a":1},\n{"b" 2}]', 'line 2: item 2 of the array is not valid JSON'],
    ['[{"a":1},\n\n]', 'line 3: item 2 of the array is not valid JSON'],
    ['[{"a":1}}]', 'line 1: item 1 of the array is not valid JSON'],
    ['[{"a":1}\n\n,{"b"\n', 'line 4: the file ends in the middle of its array'],
    ['[]\n\n{"a":1}', 'line 3: the file goes on after the end of its array'],
    ['\n{"products":[]}', expect.stringMatching(/^line 2: a JSON file holds one array/)],
    ['', expect.stringMatching(/^line 1: a JSON file holds one array/)],
  ])('that is %j ends with the line of the fault', async (text, fault) => {
    expect((await rowsOf(jsonRows, text)).at(-1)).toEqual(fault);
  });
});

describe('NDJSON', () => {
  it('refuses lines that are no objects and goes on', async () => {
    expect(await rowsOf(ndjsonRows, '{"name":"a"}\r\n\n{"name":\n[1]\n{"name":"b"}')).toEqual([
      [1, { name: 'a' }],
      [3, 'is not valid JSON'],
      [4, 'is not a JSON object'],
      [5, { name: 'b' }],
    ]);
  });
});
