import { random, seedOfRun } from '../../support/random.js';

describe('random', () => {
  it('draws the same from the same seed', () => {
    const [a, b] = [random(42), random(42)];
    expect(Array.from({ length: 50 }, () => a.next())).toEqual(Array.from({ length: 50 }, () => b.next()));
  });

  it('keeps integers within their bounds and reaches both', () => {
    const draws = random();
    const seen = new Set(Array.from({ length: 500 }, () => draws.integer(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  it('takes the seed of the run', () => {
    expect(String(seedOfRun())).toBe(process.env['TEST_SEED']);
  });
});
