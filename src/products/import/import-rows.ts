import { isDatabaseUnavailable } from '../../cache/index.js';
import { reasonOf } from '../../database/index.js';
import type { NewProduct } from '../sample.js';
import { upsertProducts, type Sql, type Stored } from '../store-many.js';
import { productOf } from './product-of.js';
import type { Row } from '../../rows/row.js';
import { MalformedFile } from '../../rows/text.js';

const BATCH_ROWS = 1_000;
/** Of long descriptions fewer rows go into one statement. */
const BATCH_CHARS = 2_000_000;
const MAX_NAMED_REFUSALS = 1_000;
/** SQLSTATE classes of one row's fault, or of a conflict with another writer: bad data, a broken rule, a deadlock. */
const ROW_FAULT = /^(22|23|40)/;

export interface ImportCounts extends Stored {
  refused: number;
}

export interface ImportOptions {
  readonly sql: Sql;
  /** Told of each refused row, up to 1,000 of them, in one line. */
  readonly onRefused: (line: string) => void;
  /** Ends the import after the batch at hand. */
  readonly interrupted: AbortSignal;
}

export interface Imported {
  readonly counts: ImportCounts;
  /** Why the file was not read to its end; what was read before is stored. */
  readonly broken: string | null;
}

interface Numbered {
  line: number;
  product: NewProduct;
}

/**
 * Stores rows as they are read, one statement a batch, while the next batch is read. Each refused row is named, and the
 * rest goes in. Of rows with one name the last one is what stays, in the file as in the database.
 */
export async function importRows(rows: AsyncIterable<Row>, options: ImportOptions): Promise<Imported> {
  const run = new Import(options);
  let broken: string | null = null;
  try {
    for await (const row of rows) {
      if (options.interrupted.aborted) break;
      await run.take(row);
    }
  } catch (error) {
    broken = error instanceof MalformedFile ? error.message : reasonOf(error);
  }
  try {
    await run.finish();
  } catch (error) {
    broken ??= reasonOf(error);
  }
  return { counts: run.counts, broken };
}

class Import {
  readonly counts: ImportCounts = { added: 0, updated: 0, unchanged: 0, refused: 0 };
  /** By name: one statement cannot store a name twice. */
  private batch = new Map<string, Numbered>();
  private chars = 0;
  private underWay: Promise<void> = Promise.resolve();

  constructor(private readonly options: ImportOptions) {}

  async take({ line, content }: Row): Promise<void> {
    const made = 'fault' in content ? content : productOf(content);
    if ('fault' in made) return this.refuse(line, made.fault);
    const { product } = made;
    // What an earlier line says of the name is stored first, so that the last line counts.
    if (this.batch.has(product.name)) await this.send();
    this.batch.set(product.name, { line, product });
    this.chars += product.name.length + (product.description?.length ?? 0);
    if (this.batch.size >= BATCH_ROWS || this.chars >= BATCH_CHARS) await this.send();
  }

  async finish(): Promise<void> {
    await this.send();
    await this.underWay;
  }

  /** Waits for the batch before, and leaves this one under way. */
  private async send(): Promise<void> {
    const batch = [...this.batch.values()];
    this.batch.clear();
    this.chars = 0;
    await this.underWay;
    if (batch.length === 0) return;
    this.underWay = this.store(batch);
    // Its error is thrown where it is awaited; until then it must not count as unhandled.
    this.underWay.catch(() => undefined);
  }

  private async store(batch: Numbered[]): Promise<void> {
    try {
      const stored = await upsertProducts(
        this.options.sql,
        batch.map(({ product }) => product),
      );
      this.counts.added += stored.added;
      this.counts.updated += stored.updated;
      this.counts.unchanged += stored.unchanged;
    } catch (error) {
      if (!isRowFault(error)) throw error;
      if (batch.length === 1) return this.refuse(batch[0]!.line, reasonOf(error));
      for (const row of batch) await this.store([row]);
    }
  }

  private refuse(line: number, reason: string): void {
    this.counts.refused++;
    if (this.counts.refused <= MAX_NAMED_REFUSALS) this.options.onRefused(`line ${line}: ${reason}`);
    if (this.counts.refused === MAX_NAMED_REFUSALS) {
      this.options.onRefused('more refused rows are counted but not shown');
    }
  }
}

function isRowFault(error: unknown): boolean {
  const { code } = ((error as { driverError?: unknown } | null)?.driverError ?? {}) as { code?: unknown };
  return typeof code === 'string' && ROW_FAULT.test(code) && !isDatabaseUnavailable(error);
}
