// Before all tests: one seed for the run, printed and inherited by the workers.
import { randomInt } from 'node:crypto';

export default function begin() {
  process.env.TEST_SEED ??= String(randomInt(2 ** 31));
  process.stderr.write(
    `\nseed of this run: ${process.env.TEST_SEED} (TEST_SEED=${process.env.TEST_SEED} draws the same again)\n`,
  );
}
