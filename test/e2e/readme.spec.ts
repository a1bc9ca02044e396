import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { type RunningApp, startApp } from '../support/app.js';
import { commandsOf } from '../support/page.js';

const run = promisify(execFile);
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Times, ETags, sizes and what the warming has stored differ from run to run. */
function steady(output: string): string {
  return output
    .replaceAll('\r', '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/etag: "[\w-]{22}"/g, 'etag: <etag>')
    .replace(/"used_memory_human":"[\d.]+[BKM]"/g, '"used_memory_human":<size>')
    .replace(/"(bytes|total_keys|items)":\d+/g, '"$1":<number>')
    .trim();
}

describe('README', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('shows the tour as it goes', async () => {
    const tour = commandsOf(readme);
    expect(tour.length).toBeGreaterThan(8);
    // One shell, since a later command uses what an earlier one has set.
    const script = tour.map(({ command }) => `${command}\nprintf '\\n<end>\\n'`).join('\n');
    const { stdout } = await run('bash', ['-c', script.replaceAll('localhost:8005', app.url.replace('http://', ''))]);
    const outputs = stdout.split('\n<end>\n');
    tour.forEach(({ command, output }, i) => {
      expect({ command, output: steady(outputs[i]!) }).toEqual({ command, output: steady(output) });
    });
  });
});
