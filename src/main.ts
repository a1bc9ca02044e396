import { createApp } from './app.js';
import { ConfigError, configWarnings, loadConfig, readEnvironment } from './config/env.js';

/** Time that requests in flight have to finish, and the database and Redis to be left. */
const SHUTDOWN_MS = 10_000;

async function main(): Promise<void> {
  const environment = readEnvironment();
  const config = loadConfig(environment);
  for (const warning of configWarnings(environment)) process.stderr.write(`${warning}\n`);
  const app = await createApp(config);
  let stopping = false;
  const stop = (): void => {
    // A second signal is impatience.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  await app.listen(config.api.port, config.api.host);
}

function fail(error: unknown): never {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  // A wrong setting is for the operator: one line, and no stack.
  process.stderr.write(`${error instanceof ConfigError ? message : (stack ?? message)}\n`);
  process.exit(1);
}

main().catch(fail);
