import type { ClientConfig } from 'pg';
import type { AppConfig } from '../config/config.js';

/** What `new pg.Client()` and `new pg.Pool()` take. Holds the password: not for logs. */
export type PgConnection = Readonly<ClientConfig>;

/** The database that the settings name, opened where it is the embedded one. */
export interface OpenDatabase {
  readonly connection: PgConnection;
  /** One session behind all clients: no named statements, no session settings, no advisory locks. */
  readonly embedded: boolean;
  /** To be called when every connection to it has ended. */
  close(): Promise<void>;
}

/** Injection token of the {@link OpenDatabase} of this process. */
export const DATABASE = Symbol('database.DATABASE');

const CONNECT_WITHIN_MS = 2_000;
const STATEMENT_WITHIN_MS = 10_000;
/** Longer than the server's own limit, so that it is asked to cancel before the connection is given up. */
const ANSWER_WITHIN_MS = 12_000;

/**
 * Opens what `config.database` names. `purpose` is `service` (default; bounded statements, and the embedded folder must
 * be free) or a command's name (statements may take long, and the embedded database of a running service is used).
 * @throws DataFolderError where the embedded database's folder cannot be had.
 */
export async function databaseConnection(config: AppConfig, purpose = 'service'): Promise<OpenDatabase> {
  const service = purpose === 'service';
  const { url, dataDir } = config.database;
  if (url !== null) {
    return {
      connection: {
        connectionString: url,
        application_name: `starkpulse-caching ${purpose}`,
        connectionTimeoutMillis: CONNECT_WITHIN_MS,
        keepAlive: true,
        ...(service ? { statement_timeout: STATEMENT_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS } : {}),
      },
      embedded: false,
      close: () => Promise.resolve(),
    };
  }
  // Loaded only for the embedded database: with PostgreSQL the start does not wait for it.
  const { openEmbedded } = await import('./embedded/embedded.js');
  const { host, port, close } = await openEmbedded({ dataDir, purpose, attach: !service });
  return {
    // Its statements run one after the other in one process, so connecting may wait behind a long one.
    connection: { host, port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 60_000, ssl: false },
    embedded: true,
    close,
  };
}
