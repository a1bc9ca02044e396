import type { Reply } from '../e2e/client.js';
import type { Instance } from './fleet.js';
import type { Journal } from './journal.js';
import type { Expectation, Model, Shown } from './model.js';

export const PRODUCTS = '/api/v1/products';

/** Reads, and holds what it gets against what had been acknowledged before it asked. */
export class Reader {
  constructor(
    private readonly model: Model,
    private readonly journal: Journal,
  ) {}

  async product(instance: Instance, id: number): Promise<void> {
    const expected = this.model.expect([id]);
    const reply = await this.ask(instance, `${PRODUCTS}/${id}`, expected);
    if (!reply) return;
    if (reply.status === 404) this.judge(instance, reply, expected, id, this.model.faultOfMissing(expected, id));
    else this.judge(instance, reply, expected, id, this.model.faultOf(expected, shownBy(reply.json)));
  }

  async list(instance: Instance, category: string): Promise<void> {
    const expected = this.model.expectList(category);
    const reply = await this.ask(instance, `${PRODUCTS}?category=${category}&limit=1000`, expected);
    if (!reply) return;
    const listed = (reply.json as Record<string, unknown>[]).map(shownBy);
    for (const shown of listed) this.judge(instance, reply, expected, shown.id, this.model.faultOf(expected, shown));
    const ids = new Set(listed.map(({ id }) => id));
    for (const id of expected.floors.keys()) {
      if (!ids.has(id)) this.judge(instance, reply, expected, id, this.model.faultOfMissing(expected, id));
    }
  }

  /** undefined: there is nothing to be checked. */
  private async ask(instance: Instance, path: string, { begunAt }: Expectation): Promise<Reply | undefined> {
    const { name } = instance;
    let reply: Reply;
    try {
      reply = await instance.ask('GET', path);
    } catch (error) {
      this.journal.readFailed(name, begunAt, `GET ${path}: ${String(error)}`);
      return undefined;
    }
    if (reply.status !== 200 && reply.status !== 404) {
      this.journal.readFailed(name, begunAt, `GET ${path}: ${reply.status} ${reply.body.toString()}`);
      return undefined;
    }
    this.journal.readAnswered(name, begunAt);
    if (reply.cache.endsWith('stale-if-error')) {
      this.journal.staleRead(name, begunAt);
      return undefined;
    }
    this.journal.read(reply.cache);
    return reply;
  }

  private judge(by: Instance, reply: Reply, { begunAt }: Expectation, id: number, fault: string | undefined): void {
    if (fault === undefined) return;
    this.journal.violation(
      `${fault}; read from ${by.name}, ${reply.cache}, from ${at(begunAt)} to ${at(this.journal.now())}\n` +
        this.model
          .historyOf(id)
          .map((note) => `  ${note}`)
          .join('\n'),
    );
  }
}

function shownBy({ id, version, description }: any): Shown {
  return { id, version, text: description };
}

function at(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
