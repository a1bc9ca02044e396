// A process that opens the embedded database in the folder given, prints one JSON line when it has it or was refused,
// and keeps it until SIGTERM. Arguments: folder, purpose, `attach` or nothing. It runs what is built.
import { openEmbedded } from '../../../dist/src/database/embedded/embedded.js';

const [dataDir, purpose, attach] = process.argv.slice(2);
try {
  const embedded = await openEmbedded({ dataDir, purpose, attach: attach === 'attach' });
  process.once('SIGTERM', () => void embedded.close());
  // Who attached holds nothing open.
  const alive = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => clearInterval(alive));
  console.log(JSON.stringify({ opened: true, host: embedded.host, port: embedded.port }));
} catch (error) {
  console.log(JSON.stringify({ opened: false, code: error.code, message: error.message }));
}
