import { PostgresServer, type Change, type Transaction } from './postgres-server.js';
import type { SimProcess } from './process.js';
import { inWords } from './wording.js';
import type { World } from './world.js';

const ANSWER_WITHIN_MS = 2_000;

/** The database cannot be asked, or its answer is lost; what was asked may have been done. */
export class DatabaseDown extends Error {}

export type Way = 'reader' | 'pool';

/** The database as clients reach it, through whichever server is the primary now. */
export class Postgres {
  server: PostgresServer;
  private up = true;
  private frozen = false;
  /** Grows when every connection is cut. */
  private era = 0;
  private readonly held: (() => void)[] = [];
  private readonly cut = new Set<string>();
  private readonly stuck = new Set<string>();
  private commits = 0;
  private readonly watchers: ((number: number, change: Change) => void)[] = [];
  private readonly rate: number;

  constructor(
    private readonly world: World,
    /** Of all instances there ever were. */
    readonly longestLeaseMs: number,
    horizonAgeMs: number,
  ) {
    this.rate = 0.985 + world.random.next() * 0.03;
    this.server = new PostgresServer(world.name('pg'), () => world.nowMs * this.rate, horizonAgeMs);
  }

  /** Runs `execute` in the server between two delays, if the server can be reached. */
  request<T>(client: SimProcess, way: Way, point: string, execute: (server: PostgresServer) => T): Promise<T> {
    const { world, era } = this;
    return new Promise((resolve, reject) => {
      let over = false;
      const settle = (end: () => void): void => {
        if (over) return;
        over = true;
        cancel();
        end();
      };
      const answer = (end: () => void): void => {
        world.scheduler.after(world.delayMs(), () => client.deliver(() => settle(end)));
      };
      const cancel = client.clock.after(ANSWER_WITHIN_MS, () => settle(() => reject(new DatabaseDown('no answer in time'))));
      const lost = (): boolean => era !== this.era || !this.up || this.cut.has(`${client.name} ${way}`);
      const fail = (why: string): void => answer(() => reject(new DatabaseDown(why)));
      const arrive = (): void => {
        if (lost()) return fail(`${point}: not sent`);
        if (this.frozen) return void this.held.push(arrive);
        try {
          const result = execute(this.server);
          world.note(() => `${client.name} ${point} ${inWords(result)}`);
          world.pass(point, client);
          answer(() => (lost() ? reject(new DatabaseDown(`${point}: answer lost`)) : resolve(result)));
        } catch (error) {
          answer(() => reject(error instanceof DatabaseDown ? error : new DatabaseDown(String(error))));
        }
      };
      const stuckMs = this.stuck.has(`${client.name} ${way}`) ? 1_500 + world.random.next() * 3_000 : 0;
      world.scheduler.after(stuckMs + world.delayMs(), arrive);
    });
  }

  onCommit(watcher: (number: number, change: Change) => void): void {
    this.watchers.push(watcher);
  }

  commit(server: PostgresServer, transaction: Transaction): number {
    const number = ++this.commits;
    server.commit(transaction, number);
    for (const watcher of this.watchers) watcher(number, transaction.change);
    return number;
  }

  /** Their client is dead; what it had already sent may come through. */
  abandon(transactions: Iterable<Transaction>): void {
    const { server } = this;
    for (const transaction of transactions) {
      this.world.scheduler.after(this.world.delayMs() + 100, () => server.abort(transaction));
    }
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const arrive of this.held.splice(0)) arrive();
  }

  goDown(): void {
    this.up = false;
    this.era++;
  }

  comeUp(): void {
    this.up = true;
  }

  cutOff(client: SimProcess, way: Way): void {
    this.cut.add(`${client.name} ${way}`);
  }

  letIn(client: SimProcess, way: Way): void {
    this.cut.delete(`${client.name} ${way}`);
  }

  /** What is sent from now on arrives long after its sender gave up, when others that were sent later have come. */
  hold(client: SimProcess, way: Way): void {
    this.stuck.add(`${client.name} ${way}`);
  }

  release(client: SimProcess, way: Way): void {
    this.stuck.delete(`${client.name} ${way}`);
  }

  restart(crashed: boolean): void {
    this.era++;
    this.server = this.server.restarted(this.world.name('pg'), crashed);
  }

  /** Promotes a standby that lacks the last commits. */
  failOver(lostCommits: number): void {
    this.era++;
    this.server = this.server.promoted(this.world.name('pg'), lostCommits);
  }
}
