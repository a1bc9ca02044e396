import type { DataSource } from 'typeorm';
import { SCHEMA } from '../app/database.js';
import { ConfigError, loadConfig, readEnvironment } from '../config/env.js';
import type { AppConfig } from '../config/config.js';
import {
  connectDataSource,
  databaseConnection,
  DatabaseStartError,
  DataFolderError,
  dataSourceOptions,
  reasonOf,
} from '../database/index.js';

const ATTEMPTS = 3;
const WAIT_MS = 5_000;

/** What a command works with. */
export interface CommandContext {
  readonly source: DataSource;
  /** Aborted at the first Ctrl-C or SIGTERM; the second ends the process at once. */
  readonly interrupted: AbortSignal;
}

/** Wrong arguments: the usage is printed and the exit code is 2. */
export class UsageError extends Error {}

/**
 * Runs a command against the database that the settings name, and sets the exit code: what `work` resolves to (130 if
 * it was interrupted), 2 for wrong arguments, 1 with one line on stderr for everything else. `--help` prints the usage.
 * With the embedded database it uses the running service's, or opens the folder itself.
 */
export async function runCommand<Arguments>(
  name: string,
  usage: string,
  argumentsOf: () => Arguments,
  work: (args: Arguments, context: CommandContext) => Promise<number>,
): Promise<void> {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    const args = argumentsOf();
    const config = loadConfig(readEnvironment());
    process.exitCode = await withDatabase(name, config, (context) => work(args, context));
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n${usage}\n`);
      process.exitCode = 2;
    } else {
      process.stderr.write(`${name}: ${sentenceOf(error)}\n`);
      process.exitCode = 1;
    }
  }
}

async function withDatabase(
  name: string,
  config: AppConfig,
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  if (config.database.url === null && config.database.dataDir === 'memory') {
    throw new DatabaseStartError('CACHING_DATA_DIR=memory keeps nothing, so there is no database for this command');
  }
  const { source, close } = await open(name, config);
  const abort = new AbortController();
  const onSignal = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const code = await work({ source, interrupted: abort.signal });
    return abort.signal.aborted ? 130 : code;
  } finally {
    await close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function open(name: string, config: AppConfig): Promise<{ source: DataSource; close(): Promise<void> }> {
  for (let attempt = 1; ; attempt++) {
    const database = await databaseConnection(config, name);
    try {
      const waitMs = database.embedded ? 0 : WAIT_MS;
      const source = await connectDataSource(dataSourceOptions(database, config, SCHEMA), { waitMs });
      return {
        source,
        close: async () => {
          await source.destroy();
          await database.close();
        },
      };
    } catch (error) {
      await database.close();
      // The process whose embedded database was to be used has ended meanwhile: the folder may be free now.
      if (!database.embedded || attempt === ATTEMPTS) throw error;
    }
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DataFolderError || error instanceof DatabaseStartError) {
    return error.message;
  }
  return reasonOf(error);
}
