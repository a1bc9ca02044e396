import { EVERYTHING, rowTag, TagBoard } from '../../../../src/cache/core/tags.js';

describe('TagBoard', () => {
  const tag = rowTag('products', 42);

  it('keeps a hold valid while other tags are invalidated', () => {
    const board = new TagBoard();
    const hold = board.stamp([tag, EVERYTHING]);
    board.invalidate(rowTag('products', 4));
    expect(board.isValid(hold)).toBe(true);
  });

  it.each([tag, EVERYTHING])('ends a hold when its tag %s is invalidated', (invalidated) => {
    const board = new TagBoard();
    const hold = board.stamp([tag, EVERYTHING]);
    board.invalidate(invalidated);
    expect(board.isValid(hold)).toBe(false);
  });

  it('lets a hold begin anew after an invalidation', () => {
    const board = new TagBoard();
    const before = board.stamp([tag]);
    board.invalidate(tag);
    const after = board.stamp([tag]);
    expect([board.isValid(before), board.isValid(after)]).toEqual([false, true]);
  });

  it('ends a hold by a tag that it took on later, invalidated since it began', () => {
    const board = new TagBoard();
    const hold = board.stamp([EVERYTHING]);
    board.invalidate(tag);
    hold.tags.push(...board.stamp([tag]).tags);
    expect(board.isValid(hold)).toBe(false);
  });

  it('misses no invalidation among many others', () => {
    const board = new TagBoard();
    const holds = Array.from({ length: 20_000 }, (_, id) => board.stamp([rowTag('products', id)]));
    for (let id = 0; id < 20_000; id++) board.invalidate(rowTag('products', id));
    expect(holds.filter((hold) => board.isValid(hold))).toHaveLength(0);
  });

  it('takes less than one tag in 500 for invalid after 10,000 invalidations of others', () => {
    const board = new TagBoard();
    const holds = Array.from({ length: 50_000 }, (_, id) => board.stamp([rowTag('products', id)]));
    for (let id = 50_000; id < 60_000; id++) board.invalidate(rowTag('products', id));
    expect(holds.filter((hold) => !board.isValid(hold)).length).toBeLessThan(50_000 / 500);
  });
});
