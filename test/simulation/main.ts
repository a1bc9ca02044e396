import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants/index.js';
import { BUDGET, promisesOf } from './mutants/mutant.js';
import { simulate, type Summary } from './simulate.js';

const { values } = parseArgs({
  options: {
    histories: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    /** Words of the names of mutants, which are played instead of the protocol as it is. */
    mutant: { type: 'string' },
    /** With `mutant`: the protocol as it is, in what was planned for that mutant. */
    weather: { type: 'boolean', default: false },
    /** All lines of a history that fails. */
    trace: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);

async function timed(play: () => Promise<Summary>): Promise<Summary & { seconds: string }> {
  const startedAt = performance.now();
  const sum = await play();
  return { ...sum, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
}

async function playProtocol(): Promise<void> {
  const histories = Number(values.histories ?? 1_000);
  console.log(`${histories} histories from seed ${seed}`);
  const { found, ...sum } = await timed(() => simulate(histories, seed));
  for (const [what, much] of Object.entries(sum)) console.log(`  ${what}: ${much}`);
  if (found) {
    if (values.trace) for (const line of found.lines) console.log(line);
    console.log(`\n${found.report}`);
    process.exitCode = 1;
  } else console.log('No promise was broken.');
}

/** Each is expected to be found out; with only one, the story of how is told. */
async function playMutants(words: string): Promise<void> {
  const mutants = MUTANTS.filter(({ name }) => name.includes(words));
  if (mutants.length === 0) throw new Error(`No mutant of that name; there are: ${MUTANTS.map(({ name }) => name).join('; ')}`);
  for (const mutant of mutants) {
    const { name, tampering, plan } = mutant;
    const histories = Number(values.histories ?? BUDGET);
    const play = () =>
      values.weather
        ? simulate(histories, seed, plan, undefined, ` --mutant '${name}' --weather`)
        : simulate(histories, seed, { ...plan, tampering }, promisesOf(mutant), ` --mutant '${name}'`);
    const { found, seconds, ...sum } = await timed(play);
    const verdict = values.weather ? (found ? 'BROKEN' : 'kept') : found ? 'found out' : 'NOT FOUND OUT';
    console.log(`${verdict} after ${sum.histories} histories, ${seconds} s: ${name}`);
    if (Boolean(found) === values.weather) process.exitCode = 1;
    if (!found) continue;
    else if (mutants.length > 1) console.log(`  ${found.error.message}`);
    else {
      if (values.trace) for (const line of found.lines) console.log(line);
      console.log(`It leaves out: ${mutant.rule}.\n\n${found.report}`);
    }
  }
}

await (values.mutant === undefined ? playProtocol() : playMutants(values.mutant));
