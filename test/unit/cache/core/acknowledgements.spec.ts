import { Acknowledgements } from '../../../../src/cache/core/protocol/acknowledgements.js';

describe('Acknowledgements', () => {
  it('remembers which member has applied which row', () => {
    const seen = new Acknowledgements();
    seen.record('a', [1, 2]);
    expect([seen.has('a', 1), seen.has('b', 1), seen.has('a', 3)]).toEqual([true, false, false]);
  });

  it('calls its listeners until they unsubscribe', () => {
    const seen = new Acknowledgements();
    let told = 0;
    const stop = seen.onRecord(() => told++);
    seen.record('a', [1]);
    stop();
    seen.record('a', [2]);
    expect(told).toBe(1);
  });

  it('forgets the oldest beyond its bound, and all when it is cleared', () => {
    const seen = new Acknowledgements();
    seen.record(
      'a',
      Array.from({ length: 20_001 }, (_, i) => i),
    );
    expect([seen.has('a', 0), seen.has('a', 1), seen.has('a', 20_000)]).toEqual([false, true, true]);
    seen.clear();
    expect(seen.has('a', 20_000)).toBe(false);
  });
});
