import { parseArgs } from 'node:util';
import { createBookshop, type Http } from './bookshop.js';
import { readSettings } from './settings.js';

const USAGE = 'usage: npm start -- --http fastify|express --port N';

async function main(): Promise<void> {
  const { http, port } = readArguments();
  const app = await createBookshop(readSettings(process.env), http);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void app.close().then(() => process.exit(0), fail));
  await app.listen(port, '0.0.0.0');
  console.log(`bookshop on ${http} listens at http://127.0.0.1:${port}`);
}

function readArguments(): { http: Http; port: number } {
  try {
    const { values } = parseArgs({ options: { http: { type: 'string' }, port: { type: 'string' } } });
    const { http, port = '' } = values;
    if ((http === 'fastify' || http === 'express') && /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536)
      return { http, port: Number(port) };
  } catch {
    // An argument that is not known.
  }
  console.error(USAGE);
  process.exit(2);
}

/** One line says what is to be mended. */
function fail(error: unknown): never {
  console.error(`bookshop: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

main().catch(fail);
