import { objectContent } from './ndjson.js';
import type { Row, RowKind } from './row.js';
import { MalformedFile, newlinesIn } from './text.js';

const MAX_ITEM_CHARS = 16 * 1024 * 1024;

/**
 * The items of one JSON array. Finds where each item ends and leaves its inside to `JSON.parse`, so that an item is
 * known by its line and no more than one is in memory.
 */
export async function* jsonRows(text: AsyncIterable<string>, { plural }: RowKind): AsyncGenerator<Row> {
  const items = new ArrayItems(`a JSON file holds one array of ${plural} (with one object per line it is named .ndjson)`);
  for await (const part of text) yield* items.read(part);
  items.end();
}

class ArrayItems {
  constructor(private readonly noArray: string) {}

  private where: 'before' | 'inside' | 'after' = 'before';
  /** Text of the item so far, and the line where that begins. */
  private item = '';
  private from = 1;
  private depth = 0;
  private inString = false;
  /** The part ended with a backslash: the next one begins with what it escapes. */
  private escaped = false;
  private count = 0;
  /** What may change the meaning; everything between two of these is passed over at once. */
  private readonly turns = /["\\[\]{},]/g;

  *read(part: string): Generator<Row> {
    if (part === '') return;
    let taken = this.where === 'before' ? this.open(part) : 0;
    this.turns.lastIndex = taken + (this.escaped ? 1 : 0);
    this.escaped = false;
    while (this.where === 'inside') {
      const turn = this.turns.exec(part);
      if (turn === null) break;
      if (!this.isEnd(turn[0], part)) continue;
      const row = this.take(part.slice(taken, turn.index), turn[0] === ']');
      taken = turn.index + 1;
      if (row !== null) yield row;
    }
    const rest = part.slice(taken);
    if (this.where === 'after' && rest.trim() !== '') {
      throw new MalformedFile(this.lineOf(rest), 'the file goes on after the end of its array');
    }
    this.item = this.where === 'inside' ? this.item + rest : '';
    if (this.where !== 'inside') this.from += newlinesIn(rest);
    if (this.item.length > MAX_ITEM_CHARS) {
      throw new MalformedFile(this.from, `an item is longer than ${MAX_ITEM_CHARS} characters`);
    }
  }

  end(): void {
    if (this.where === 'before') throw new MalformedFile(this.from, this.noArray);
    if (this.where === 'inside') {
      throw new MalformedFile(this.from + newlinesIn(this.item), 'the file ends in the middle of its array');
    }
  }

  /** Where the array's first item begins in this part. */
  private open(part: string): number {
    const at = part.search(/\S/);
    if (at < 0) {
      this.from += newlinesIn(part);
      return part.length;
    }
    if (part[at] !== '[') throw new MalformedFile(this.lineOf(part), this.noArray);
    this.where = 'inside';
    this.from += newlinesIn(part.slice(0, at));
    return at + 1;
  }

  /** Whether an item ends at this character, which the expression has just passed. */
  private isEnd(char: string, part: string): boolean {
    if (this.inString) {
      if (char === '\\') {
        this.escaped = this.turns.lastIndex === part.length;
        this.turns.lastIndex++;
      } else if (char === '"') this.inString = false;
      return false;
    }
    if (char === '"') this.inString = true;
    else if (char === '[' || char === '{') this.depth++;
    else if (this.depth === 0) return char === ',' || char === ']';
    else if (char === ']' || char === '}') this.depth--;
    return false;
  }

  private take(last: string, closes: boolean): Row | null {
    const text = this.item + last;
    const line = this.lineOf(text);
    if (closes) this.where = 'after';
    this.item = '';
    this.from += newlinesIn(text);
    if (closes && this.count === 0 && text.trim() === '') return null;
    this.count++;
    try {
      return { line, content: objectContent(JSON.parse(text)) };
    } catch {
      throw new MalformedFile(line, `item ${this.count} of the array is not valid JSON`);
    }
  }

  /** Line of the first character that is no blank, or of its end, in a text that begins at `from`. */
  private lineOf(text: string): number {
    const at = text.search(/\S/);
    return this.from + newlinesIn(at < 0 ? text : text.slice(0, at));
  }
}
