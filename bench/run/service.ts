import { join } from 'node:path';
import { QUIET, type Settings } from '../../test/support/settings.js';
import { type Contender, startNode } from './contender.js';

const MAIN = join(process.cwd(), 'dist', 'src', 'main.js');
export const ADMIN_TOKEN = 'bench';

/** As in production: metrics on, the default log to standard output and a file. Only the limit of writes is off. */
export function serviceSettings(settings: Settings): Settings {
  return {
    ...QUIET,
    NODE_ENV: 'production',
    CACHING_LOG_FILE: 'caching.log',
    CACHING_ADMIN_TOKEN: ADMIN_TOKEN,
    ...settings,
  };
}

/** Starts the built service. Ready when `/health/ready` says so. */
export function startService(settings: Settings, nodeArgs: readonly string[] = [], everyMs?: number): Promise<Contender> {
  return startNode('service', {
    args: () => [...nodeArgs, MAIN],
    env: (port) => ({ ...serviceSettings(settings), CACHING_API_PORT: String(port) }),
    ready: isReady,
    everyMs,
  });
}

export async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`);
  await answer.arrayBuffer();
  return answer.status === 200;
}
