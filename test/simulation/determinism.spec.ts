import { seedOfRun } from '../support/random.js';
import { History } from './history.js';

describe('a history', () => {
  it('happens again, line by line, from the same seed', async () => {
    const lines = [];
    for (let i = 0; i < 2; i++) {
      const history = new History(seedOfRun(), {}, true);
      await history.run();
      lines.push(history.world.lines);
    }
    expect(lines[1]).toEqual(lines[0]);
  });
});
