import { EVERYTHING, itemTag, TagBoard } from '../../../../src/cache/core/tags.js';

describe('TagBoard', () => {
  const tag = itemTag('products', 42);

  it('keeps a hold valid while other tags are invalidated', () => {
    const board = new TagBoard();
    const hold = board.hold([tag, EVERYTHING]);
    board.invalidate(itemTag('products', 4));
    expect(board.isValid(hold)).toBe(true);
  });

  it.each([tag, EVERYTHING])('ends a hold when its tag %s is invalidated', (invalidated) => {
    const board = new TagBoard();
    const hold = board.hold([tag, EVERYTHING]);
    board.invalidate(invalidated);
    expect(board.isValid(hold)).toBe(false);
  });

  it('lets a hold begin anew after an invalidation, while others still hold the tag', () => {
    const board = new TagBoard();
    const before = board.hold([tag]);
    board.invalidate(tag);
    const after = board.hold([tag]);
    expect([board.isValid(before), board.isValid(after)]).toEqual([false, true]);
  });

  it('ends a shared hold by what happened since the moment that it names', () => {
    const board = new TagBoard();
    const early = board.hold([tag]);
    board.invalidate(tag);
    expect(board.isValid(board.share(early.states, early.epoch))).toBe(false);
    expect(board.isValid(board.share(early.states, board.hold([]).epoch))).toBe(true);
  });

  it('forgets a tag when its last holder lets go, and only then', () => {
    const board = new TagBoard();
    const first = board.hold([tag]);
    const second = board.share(first.states, first.epoch);
    board.release(first);
    expect(board.size).toBe(1);
    board.invalidate(tag);
    expect(board.isValid(second)).toBe(false);
    board.release(second);
    expect(board.size).toBe(0);
  });

  it('takes no memory for the invalidation of what nobody holds', () => {
    const board = new TagBoard();
    for (let id = 0; id < 1_000; id++) board.invalidate(itemTag('products', id));
    expect(board.size).toBe(0);
  });
});
