import { BoundedStorage } from '../../../src/rate-limit/bounded-storage.js';

describe('BoundedStorage', () => {
  let nowMs = 1_000;
  const storage = (max?: number) => new BoundedStorage(() => nowMs, max);

  it('blocks what exceeds the limit until the window ends', async () => {
    const counts = storage();
    expect(await counts.increment('a', 60_000, 2)).toMatchObject({ totalHits: 1, isBlocked: false, timeToExpire: 60 });
    expect(await counts.increment('a', 60_000, 2)).toMatchObject({ totalHits: 2, isBlocked: false });
    nowMs += 20_500;
    expect(await counts.increment('a', 60_000, 2)).toMatchObject({ isBlocked: true, timeToBlockExpire: 40 });
    nowMs += 39_500;
    expect(await counts.increment('a', 60_000, 2)).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('counts each address for itself', async () => {
    const counts = storage();
    await counts.increment('a', 60_000, 1);
    expect(await counts.increment('b', 60_000, 1)).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('forgets the address not seen for longest where there are too many', async () => {
    const counts = storage(2);
    for (const address of ['a', 'b', 'a', 'c']) await counts.increment(address, 60_000, 9);
    expect(await counts.increment('a', 60_000, 9)).toMatchObject({ totalHits: 3 });
    expect(await counts.increment('b', 60_000, 9)).toMatchObject({ totalHits: 1 });
  });
});
