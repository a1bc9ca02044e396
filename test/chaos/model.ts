/** A product as far as the model cares: `text` is its description, which no two writes share. */
export interface Shown {
  readonly id: number;
  readonly version: number;
  readonly text: string;
}

/** What a read that begins now must show of a product, at least. */
export interface Floor {
  readonly version: number;
  readonly gone: boolean;
  /** Something about it was acknowledged since the last failover of the database. */
  readonly fresh: boolean;
}

export interface Expectation {
  readonly epoch: number;
  readonly begunAt: number;
  /** Within a lease of the death of the last database, which may still be shown from memory. */
  readonly grace: boolean;
  readonly floors: ReadonlyMap<number, Floor>;
}

interface Row {
  readonly category: string;
  version: number;
  fresh: boolean;
  gone: boolean;
  /** A delete was sent whose outcome is not known. */
  leaving: boolean;
  /** All that was sent for it in this epoch, and what the database had at its beginning. */
  readonly texts: Set<string>;
  readonly byVersion: Map<number, string>;
  readonly notes: string[];
}

const NOTES_A_ROW = 8;
const ABSENT: Floor = { version: 0, gone: false, fresh: false };

/**
 * What was acknowledged, and therefore must be shown by every read that begins later. An epoch ends when the database
 * fails over: what the new server has is the truth, and what it lacks must not be shown any more.
 */
export class Model {
  private rows = new Map<number, Row>();
  /** Descriptions of products that were asked for in this epoch; their ids are not known before the answer. */
  private births = new Map<string, string>();
  private before: ReadonlySet<string> = new Set();
  private epoch = 0;
  private graceUntil = 0;

  constructor(private readonly now: () => number) {}

  get currentEpoch(): number {
    return this.epoch;
  }

  /** Ids that are there as far as is known. */
  living(category?: string): number[] {
    const found: number[] = [];
    for (const [id, row] of this.rows) {
      if (!row.gone && !row.leaving && (category === undefined || row.category === category)) found.push(id);
    }
    return found;
  }

  /** Ids that were deleted, newest last. */
  departed(): number[] {
    return [...this.rows].filter(([, row]) => row.gone).map(([id]) => id);
  }

  get newestId(): number {
    return Math.max(0, ...this.rows.keys());
  }

  expect(ids: readonly number[]): Expectation {
    const floors = new Map(ids.map((id): [number, Floor] => [id, this.floorOf(id)]));
    const begunAt = this.now();
    return { epoch: this.epoch, begunAt, grace: begunAt < this.graceUntil, floors };
  }

  expectList(category: string): Expectation {
    return this.expect([...this.rows].filter(([, row]) => row.category === category).map(([id]) => id));
  }

  /** Before a write is sent. */
  sending(id: number, text: string): void {
    this.rows.get(id)?.texts.add(text);
  }

  sendingBirth(category: string, text: string): void {
    this.births.set(text, category);
  }

  sendingDelete(id: number): void {
    const row = this.rows.get(id);
    if (row) row.leaving = true;
  }

  acknowledged(shown: Shown, category: string, by: string): void {
    const row = this.rowOf(shown.id, category);
    this.raise(row, shown, by);
    row.fresh = true;
  }

  acknowledgedDelete(id: number, by: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    row.gone = true;
    row.fresh = true;
    this.note(row, `deleted, acknowledged by ${by}`);
  }

  /** What the database has had for longer than a lease, whoever wrote it. `asked`: {@link living} from before. */
  settled(truth: readonly (Shown & { readonly category: string })[], asked: readonly number[]): void {
    const there = new Set(truth.map(({ id }) => id));
    for (const shown of truth) this.raise(this.rowOf(shown.id, shown.category), shown, 'the database itself');
    for (const id of asked) if (!there.has(id)) this.acknowledgedDelete(id, 'the database itself');
  }

  /**
   * The database is another one with this in it; the one before it died at `diedAt`. Nothing may be in flight.
   * Returns how many products were lost or fell back to an older version.
   */
  failedOver(truth: readonly (Shown & { readonly category: string })[], diedAt: number, leaseMs: number): number {
    this.before = new Set([...this.births.keys(), ...[...this.rows.values()].flatMap((row) => [...row.texts])]);
    this.births = new Map();
    this.epoch++;
    this.graceUntil = diedAt + leaseMs;
    const old = this.rows;
    this.rows = new Map();
    for (const shown of truth) {
      const row = this.rowOf(shown.id, shown.category);
      row.notes.push(...(old.get(shown.id)?.notes ?? []));
      this.raise(row, shown, `the promoted database (epoch ${this.epoch})`);
    }
    const lost = [...old].filter(([id, { version, gone }]) => {
      const now = this.rows.get(id);
      return gone ? now !== undefined : version > (now?.version ?? 0);
    });
    return lost.length;
  }

  /** Why a product must not be shown like that; undefined: it may. */
  faultOf(expected: Expectation, shown: Shown): string | undefined {
    if (expected.epoch !== this.epoch) return undefined;
    const floor = expected.floors.get(shown.id) ?? ABSENT;
    if (expected.grace && !floor.fresh && this.before.has(shown.text)) return undefined;
    if (floor.gone) return `${say(shown)} is shown, but its deletion was acknowledged`;
    if (shown.version < floor.version) return `${say(shown)} is shown, but version ${floor.version} was acknowledged`;
    const row = this.rows.get(shown.id);
    const known = row?.texts.has(shown.text) || this.births.has(shown.text);
    if (!known)
      return `${say(shown)} is shown, which nobody wrote${this.before.has(shown.text) ? ' since the failover lost it' : ''}`;
    const same = row?.byVersion.get(shown.version);
    if (same !== undefined && same !== shown.text) return `${say(shown)} is shown, but that version says "${same}"`;
    row?.byVersion.set(shown.version, shown.text);
    return undefined;
  }

  /** Why a product must not be missing; undefined: it may. */
  faultOfMissing(expected: Expectation, id: number): string | undefined {
    if (expected.epoch !== this.epoch) return undefined;
    const floor = expected.floors.get(id) ?? ABSENT;
    const row = this.rows.get(id);
    if (floor.version === 0 || floor.gone || row === undefined || row.gone || row.leaving) return undefined;
    if (expected.grace && !floor.fresh) return undefined;
    return `product ${id} is missing, but version ${floor.version} was acknowledged`;
  }

  historyOf(id: number): readonly string[] {
    return this.rows.get(id)?.notes ?? ['nothing is known of it'];
  }

  private floorOf(id: number): Floor {
    const row = this.rows.get(id);
    return row ? { version: row.version, gone: row.gone, fresh: row.fresh } : ABSENT;
  }

  private rowOf(id: number, category: string): Row {
    let row = this.rows.get(id);
    if (!row) {
      row = {
        category,
        version: 0,
        fresh: false,
        gone: false,
        leaving: false,
        texts: new Set(),
        byVersion: new Map(),
        notes: [],
      };
      this.rows.set(id, row);
    }
    return row;
  }

  private raise(row: Row, { version, text }: Shown, by: string): void {
    row.texts.add(text);
    row.byVersion.set(version, text);
    if (version <= row.version) return;
    row.version = version;
    this.note(row, `version ${version} "${text}", acknowledged by ${by}`);
  }

  private note(row: Row, what: string): void {
    row.notes.push(`${(this.now() / 1000).toFixed(3)} s: ${what}`);
    if (row.notes.length > NOTES_A_ROW) row.notes.shift();
  }
}

function say({ id, version, text }: Shown): string {
  return `product ${id} version ${version} "${text}"`;
}
