import { CsvError, parse } from 'csv-parse';
import type { Row, RowKind } from './row.js';
import { MalformedFile } from './text.js';

const MAX_ROW_CHARS = 1024 * 1024;

/**
 * Comma-separated values with a header line (RFC 4180; lines may end in LF, CRLF or CR, blank ones are skipped, a quote
 * in the middle of an unquoted value stands for itself). Names of columns are taken without regard to case.
 */
export async function* csvRows(text: AsyncIterable<string>, { named }: RowKind): AsyncGenerator<Row> {
  const parser = new CsvRows(named);
  let whole = true;
  try {
    for await (const part of withoutCarriageReturns(text)) {
      yield* parser.read(part);
      whole = part.endsWith('\n');
    }
  } catch (error) {
    // The parser looks ahead, so it still has the last row; which counts only where it is all there.
    if (error instanceof MalformedFile && whole) yield* parser.end();
    throw error;
  }
  yield* parser.end();
}

/** The parser's stream would drop the rows before a fault with the fault: here they are taken as they are found. */
class CsvRows {
  constructor(private readonly named: readonly string[]) {}

  private names: string[] | null = null;
  private found: Row[] = [];
  private fault: Error | null = null;
  private lines = 0;
  private blank = 0;
  private readonly parser = parse({
    record_delimiter: ['\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_CHARS,
    on_record: (record: string[], { lines, empty_lines: blank }) => {
      const line = this.lines + 1 + (blank - this.blank);
      this.lines = lines;
      this.blank = blank;
      if (this.names === null) this.names = header(record, line, this.named);
      else if (record.some((value) => value.trim() !== '')) {
        this.found.push({ line, content: contentOf(this.names, record) });
      }
      return null;
    },
  }).on('error', (error) => {
    this.fault ??= error;
  });

  *read(part: string): Generator<Row> {
    // Without records in its own queue the parser takes all of it at once.
    this.parser.write(part);
    yield* this.take();
  }

  *end(): Generator<Row> {
    this.parser.end();
    yield* this.take();
  }

  private *take(): Generator<Row> {
    yield* this.found.splice(0);
    if (this.parser.errored !== null) this.fault ??= this.parser.errored;
    if (this.fault === null) return;
    if (!(this.fault instanceof CsvError)) throw this.fault;
    throw new MalformedFile(this.lines + 1, `this is not CSV (${this.fault.message.split(':', 1)[0]!.toLowerCase()})`);
  }
}

function header(record: string[], line: number, named: readonly string[]): string[] {
  const names = record.map((name) => name.trim().toLowerCase());
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (twice !== undefined) throw new MalformedFile(line, `the column "${twice}" is named twice`);
  if (!names.some((name) => named.includes(name))) {
    const one = named.map((name) => `"${name}"`).join(' or ');
    throw new MalformedFile(line, `the first line names the columns, with commas between, and one must be ${one}`);
  }
  return names;
}

function contentOf(names: string[], record: string[]): Row['content'] {
  if (record.length !== names.length) {
    return { fault: `has ${record.length} values for ${names.length} columns` };
  }
  return { fields: Object.fromEntries(names.map((name, i) => [name, record[i]])), text: true };
}

/** CRLF becomes LF, in values too: the parser counts a CRLF in a quoted value as two lines. */
async function* withoutCarriageReturns(text: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const part of text) {
    const whole = held + part;
    // Its LF may be in the next part.
    held = whole.endsWith('\r') ? '\r' : '';
    const ready = whole.slice(0, whole.length - held.length).replaceAll('\r\n', '\n');
    if (ready !== '') yield ready;
  }
  if (held !== '') yield held;
}
