import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import type { Random } from '../support/random.js';
import type { Fleet, Instance } from './fleet.js';
import type { Journal } from './journal.js';
import type { Model, Shown } from './model.js';
import type { PostgresPair } from './postgres-pair.js';
import { PRODUCTS, type Reader } from './reader.js';

export const CATEGORIES = ['ants', 'bees', 'crabs'] as const;
const POPULATION = 24;
const READERS_AN_INSTANCE = 5;
const WRITERS = 4;
/** Beyond a lease after its commit every change is seen: this much for timers that are late. */
const LATE_MS = 100;

export interface ClientsOptions {
  readonly leaseMs: number;
  /** Longest pause between two reads of one reader. */
  readonly paceMs: number;
}

/** Clients of all instances, who write, read what they wrote from everybody, and read anything at any time. */
export class Clients {
  private stopping = false;
  private resting = false;
  private writing = 0;
  private texts = 0;
  private loops: Promise<void>[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly postgres: PostgresPair,
    private readonly model: Model,
    private readonly reader: Reader,
    private readonly journal: Journal,
    private readonly random: Random,
    private readonly options: ClientsOptions,
  ) {}

  /** Fills the catalogue and begins. */
  async start(): Promise<void> {
    for (let i = 0; i < POPULATION; i++) await this.create(this.fleet.instances[0]!);
    for (const instance of this.fleet.instances) {
      for (let i = 0; i < READERS_AN_INSTANCE; i++) this.loops.push(this.readOn(instance));
    }
    for (let i = 0; i < WRITERS; i++) this.loops.push(this.writeOn());
    this.loops.push(this.watchDatabase());
  }

  /** Begins no more writes, and resolves when the last one has had its answer, whatever it was. */
  async restWriters(): Promise<void> {
    this.resting = true;
    await eventually('the last write has had its answer', () => this.writing === 0, { withinMs: 60_000 });
  }

  resumeWriters(): void {
    this.resting = false;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async readOn(instance: Instance): Promise<void> {
    while (!this.stopping) {
      if (instance.state === 'down') await pause(10);
      else await this.readAnything(instance);
      await pause(this.random.integer(0, this.options.paceMs));
    }
  }

  private async readAnything(instance: Instance): Promise<void> {
    const { random, model } = this;
    const draw = random.next();
    const living = model.living();
    if (draw < 0.25 || living.length === 0) await this.reader.list(instance, random.pick(CATEGORIES));
    else if (draw < 0.3) await this.reader.product(instance, model.newestId + random.integer(1, 2));
    else if (draw < 0.35) await this.reader.product(instance, model.departed().at(-1) ?? random.pick(living));
    else await this.reader.product(instance, random.pick(living));
  }

  private async writeOn(): Promise<void> {
    while (!this.stopping) {
      const up = this.fleet.instances.filter(({ state }) => state === 'up');
      if (this.resting || up.length === 0) {
        await pause(10);
        continue;
      }
      this.writing++;
      let written: { readonly id: number | undefined; readonly category: string } | undefined;
      try {
        written = await this.write(this.random.pick(up));
      } finally {
        this.writing--;
      }
      if (written) await this.readEverywhere(written.id, written.category);
      await pause(this.random.integer(0, 4 * this.options.paceMs));
    }
  }

  /** The moment after its answer is when a forgotten copy would show. */
  private async readEverywhere(id: number | undefined, category: string): Promise<void> {
    const reads = this.fleet.instances
      .filter(({ state }) => state === 'up')
      .flatMap((instance) => [
        ...(id === undefined ? [] : [this.reader.product(instance, id)]),
        this.reader.list(instance, category),
      ]);
    await Promise.all(reads);
  }

  private async write(by: Instance): Promise<{ id: number | undefined; category: string } | undefined> {
    const { random, model } = this;
    const living = model.living();
    const draw = random.next();
    if (living.length < POPULATION || draw < 0.05) return this.create(by);
    const id = random.pick(living);
    if (draw < 0.1) return this.remove(by, id);
    if (draw < 0.13) return this.changeOutside();
    if (draw < 0.15) {
      await by
        .ask(
          'POST',
          `/api/v1/cache/invalidate?pattern=${encodeURIComponent(random.pick(['*', 'product:*', 'products:*', `product:${id}`, '*roduct*']))}`,
        )
        .catch(() => undefined);
      return undefined;
    }
    return this.change(by, id);
  }

  private async create(by: Instance): Promise<{ id: number; category: string } | undefined> {
    const category = this.random.pick(CATEGORIES);
    const text = this.newText();
    this.model.sendingBirth(category, text);
    const shown = await this.send(by, 'POST', PRODUCTS, { name: `chaos ${text}`, price: 1, category, description: text });
    if (!shown) return undefined;
    this.model.acknowledged(shown, category, by.name);
    return { id: shown.id, category };
  }

  private async change(by: Instance, id: number): Promise<{ id: number; category: string } | undefined> {
    const text = this.newText();
    this.model.sending(id, text);
    const shown = await this.send(by, 'PUT', `${PRODUCTS}/${id}`, { description: text });
    if (!shown) return undefined;
    this.model.acknowledged(shown, shown.category, by.name);
    return { id, category: shown.category };
  }

  private async remove(by: Instance, id: number): Promise<{ id: number; category: string } | undefined> {
    const category = CATEGORIES.find((name) => this.model.living(name).includes(id)) ?? CATEGORIES[0];
    const begunAt = this.journal.now();
    this.model.sendingDelete(id);
    const reply = await by.ask('DELETE', `${PRODUCTS}/${id}`).catch(() => undefined);
    if (reply?.status !== 204) {
      this.journal.writeRefused();
      return undefined;
    }
    this.model.acknowledgedDelete(id, by.name);
    this.journal.writeAcknowledged(begunAt);
    return { id, category };
  }

  /** Several rows in one statement, by a client that knows nothing of the cache: seen a lease after its commit. */
  private async changeOutside(): Promise<undefined> {
    const category = this.random.pick(CATEGORIES);
    const text = this.newText();
    for (const id of this.model.living(category)) this.model.sending(id, text);
    // What others create at this moment gets it, too.
    this.model.sendingBirth(category, text);
    await this.postgres.sql('UPDATE products SET description = $1 WHERE category = $2', [text, category]).catch(() => undefined);
  }

  private async send(
    by: Instance,
    method: string,
    path: string,
    body: unknown,
  ): Promise<(Shown & { category: string }) | undefined> {
    const begunAt = this.journal.now();
    const reply = await by.ask(method, path, { body }).catch(() => undefined);
    if (reply?.status !== 200 && reply?.status !== 201) {
      if (reply && ![404, 503].includes(reply.status))
        this.journal.violation(`${method} ${path} to ${by.name}: ${reply.status} ${reply.body.toString()}`);
      this.journal.writeRefused();
      return undefined;
    }
    this.journal.writeAcknowledged(begunAt);
    const { id, version, description, category } = reply.json;
    return { id, version, text: description, category };
  }

  /** Again and again: what the database has now must be shown by everybody a lease later. */
  private async watchDatabase(): Promise<void> {
    while (!this.stopping) {
      const { currentEpoch } = this.model;
      const asked = this.model.living();
      const truth = await truthOf(this.postgres).catch(() => undefined);
      await pause(this.options.leaseMs + LATE_MS);
      if (truth && this.model.currentEpoch === currentEpoch) this.model.settled(truth, asked);
    }
  }

  private newText(): string {
    return `w${++this.texts}`;
  }
}

/** All that the database has. */
export async function truthOf(postgres: PostgresPair): Promise<(Shown & { readonly category: string })[]> {
  const rows = await postgres.sql('SELECT id, version, description AS text, category FROM products');
  return rows as unknown as (Shown & { category: string })[];
}
