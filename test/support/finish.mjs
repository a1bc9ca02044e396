// After all tests and Jest's own summary: the line that the run ends with.
import { counts } from './reporter.mjs';

export default function finish() {
  const { passed, failed, skipped } = counts();
  if (failed > 0) process.stderr.write(`\nseed of this run: ${process.env.TEST_SEED}\n`);
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  process.stderr.write('', () => process.stdout.write(`${passed} passed, ${failed} failed${tail}\n`));

  // Whatever still keeps this process alive now is a leak: say so, rather than hang.
  setTimeout(() => {
    process.stderr.write(`open handles keep the tests from ending: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  }, 10_000).unref();
}
