import './app/warm-up.js';
import { ConfigError, configWarnings, loadConfig, readEnvironment } from './config/env.js';
import { databaseConnection } from './database/connection.js';
import { DatabaseStartError, DataFolderError } from './database/errors.js';

/** Codes of errors that say in a line what is to be mended. */
const MENDABLE = new Set(['CACHE_BAD_DEFINITION', 'CACHE_BAD_OPTION', 'CACHE_NOT_INSTALLED', 'EADDRINUSE', 'EACCES']);
/** Time that requests in flight have to finish, and the database and Redis to be left. */
const SHUTDOWN_MS = 9_500;

async function main(): Promise<void> {
  const environment = readEnvironment();
  const config = loadConfig(environment);
  // The embedded database opens while the service is loaded, which is most of a start; so nothing above loads it.
  const database = databaseConnection(config);
  // Its failure is reported where it is awaited.
  database.catch(() => undefined);
  const [{ createApp }, { Logger }] = await Promise.all([import('./app/app.js'), import('@nestjs/common')]);
  const app = await createApp(config, { database });
  const logger = new Logger('Start');
  for (const warning of configWarnings(environment)) logger.warn(warning);
  let stopping = false;
  const stop = (): void => {
    // A second signal is impatience.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    app.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  await app.listen(config.api.port, config.api.host);
  logger.log(`listening on ${await app.getUrl()}`);
}

function fail(error: unknown): never {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

/** What the operator can mend takes one line; anything else is a bug, with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const mendable = error instanceof ConfigError || error instanceof DatabaseStartError || error instanceof DataFolderError;
  return mendable || MENDABLE.has(code ?? '') ? error.message : (error.stack ?? error.message);
}

main().catch(fail);
