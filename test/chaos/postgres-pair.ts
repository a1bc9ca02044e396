import { createDatabase, query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Postgres, startPostgres, startStandby } from '../support/postgres.js';
import { Proxy } from './proxy.js';

/** A PostgreSQL server, now and then with an asynchronous standby that is made the primary in its place. */
export class PostgresPair {
  private standby: { readonly server: Postgres; readonly stream: Proxy } | undefined;

  private constructor(
    private primary: Postgres,
    private readonly databaseName: string,
  ) {}

  static async start(): Promise<PostgresPair> {
    const primary = await startPostgres();
    const { name } = await createDatabase(primary.url);
    return new PostgresPair(primary, name);
  }

  get port(): number {
    return this.primary.port;
  }

  get url(): string {
    return urlOf(this.primary.port, this.databaseName);
  }

  /** The database, reached through a proxy. */
  urlThrough(port: number): string {
    return urlOf(port, this.databaseName);
  }

  /** A statement by a client that knows nothing of the service. */
  sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return query(this.url, text, values);
  }

  /** Fast shutdown and a start. */
  async restart(down: () => Promise<void>): Promise<void> {
    await this.primary.stop();
    await down();
    await this.primary.start();
  }

  /** Immediate shutdown, as in a crash: at its start it recovers from its log, and unlogged tables are empty. */
  async crash(down: () => Promise<void>): Promise<void> {
    process.kill(this.primary.pid, 'SIGQUIT');
    await this.restart(down);
  }

  /** Starts a standby and waits until it has all that the primary has. */
  async attachStandby(): Promise<void> {
    const stream = await Proxy.before(this.primary.port);
    const server = await startStandby(stream);
    this.standby = { server, stream };
    await this.sql('CREATE TABLE IF NOT EXISTS standby_proof (n integer)');
    await this.sql('INSERT INTO standby_proof VALUES ($1)', [server.port]);
    await eventually('the standby follows', async () => {
      const found = await query(urlOf(server.port, this.databaseName), 'SELECT FROM standby_proof WHERE n = $1', [server.port]);
      return found.length > 0;
    });
  }

  /** From now on the standby gets no more commits. */
  loseCommits(): void {
    this.standby?.stream.stall();
  }

  /** The primary is killed and gone for good; the standby takes its place with what it has. */
  async promoteStandby(): Promise<void> {
    if (!this.standby) throw new Error('There is no standby to promote');
    const { server, stream } = this.standby;
    this.standby = undefined;
    const old = this.primary;
    await stream.end();
    process.kill(old.pid, 'SIGQUIT');
    await old.stop();
    await server.promote();
    this.primary = server;
    await old.end();
  }

  async end(): Promise<void> {
    await this.standby?.server.end();
    await this.standby?.stream.end();
    await this.primary.end();
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://postgres@127.0.0.1:${port}/${database}`;
}
