import pg, { type ClientConfig } from 'pg';

const ANSWER_WITHIN_MS = 2_000;

/**
 * What the transaction has locked, which is what the statement names, directly or through views: PostgreSQL locks it when
 * it analyses the statement, whatever its plan leaves out. A partition counts as its root. Its own catalogue does not count.
 */
const LOCKED = `
  SELECT DISTINCT CASE WHEN c.relnamespace = current_schema()::regnamespace THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_class child ON child.oid = l.relation
  JOIN pg_catalog.pg_class c ON c.oid = coalesce(pg_catalog.pg_partition_root(child.oid), child.oid)
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'`;

/** Asks PostgreSQL which tables a statement reads, on a connection of its own; the statement is not run. */
export class ReadTables {
  private client: Promise<pg.Client> | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: ClientConfig) {}

  /** Names of tables; those of other schemas with the schema. None where it cannot be told: for SET and the like. */
  of(statement: string, parameters: unknown[]): Promise<string[]> {
    const asked = this.turn.then(() => this.ask(statement, parameters)).catch(() => []);
    this.turn = asked;
    return asked;
  }

  async close(): Promise<void> {
    await this.turn;
    await (await this.client?.catch(() => undefined))?.end().catch(() => undefined);
  }

  private async ask(statement: string, parameters: unknown[]): Promise<string[]> {
    const opening = (this.client ??= this.open());
    try {
      const client = await opening;
      await client.query('BEGIN READ ONLY');
      try {
        // In the protocol that takes one statement: what stands behind a semicolon must not be run.
        await client.query({ text: `EXPLAIN ${statement}`, values: parameters, queryMode: 'extended' } as pg.QueryConfig);
        const { rows } = await client.query<{ name: string }>(LOCKED);
        return rows.map(({ name }) => name);
      } finally {
        await client.query('ROLLBACK');
      }
    } catch (error) {
      // What PostgreSQL refuses to explain leaves the connection as it was; whatever else it is, a new one will do.
      if (!(error instanceof pg.DatabaseError)) {
        this.client = undefined;
        opening.then((client) => client.end()).catch(() => undefined);
      }
      throw error;
    }
  }

  private async open(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.connection,
      application_name: 'starkpulse-caching read check',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
