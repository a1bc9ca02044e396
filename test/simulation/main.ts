import { parseArgs } from 'node:util';
import { simulate } from './simulate.js';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
const histories = Number(values.histories);
const seed = Number(values.seed);
console.log(`${histories} histories from seed ${seed}`);
const startedAt = performance.now();
const { found, ...sum } = await simulate(histories, seed);
console.log(JSON.stringify({ ...sum, seconds: (performance.now() - startedAt) / 1000 }));
if (found) {
  for (const line of found.trace) console.log(line);
  console.log(`seed ${found.seed}: ${found.error.stack}`);
  console.log(`Again: npm run simulate -- --histories 1 --seed ${found.seed}`);
  process.exitCode = 1;
}
