import { BlockArena, BLOCK_BYTES } from '../../../../src/cache/stores/block-arena.js';

/** Bytes of every value, other ones for each seed. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 7 + seed * 31;
  return bytes;
}

describe('BlockArena', () => {
  it.each([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES, 4_096])('gives %d bytes back as they were', (length) => {
    const arena = new BlockArena();
    arena.write(bytesOf(300, 9));
    const bytes = bytesOf(length, 1);
    const place = arena.write(bytes);
    expect(arena.read(place, length)).toBe(bytes.toString('latin1'));
  });

  it('keeps bytes apart while others come and go', () => {
    const arena = new BlockArena();
    const held = new Map<number, { place: number; bytes: Buffer }>();
    for (let step = 0; step < 20_000; step++) {
      const slot = (step * 7_919) % 500;
      const before = held.get(slot);
      if (before) arena.release(before.place);
      const bytes = bytesOf((step * 37) % 1_500, step);
      held.set(slot, { place: arena.write(bytes), bytes });
    }
    for (const { place, bytes } of held.values()) expect(arena.read(place, bytes.length)).toBe(bytes.toString('latin1'));
  });

  it('takes no more memory than it did at its fullest, whatever sizes follow', () => {
    const arena = new BlockArena();
    const fill = (length: number, count: number): number[] => Array.from({ length: count }, () => arena.write(bytesOf(length, 1)));
    const small = fill(BLOCK_BYTES, 3_000);
    const fullest = arena.bytes;
    // Every second one, so that what is free lies in pieces.
    for (const place of small.filter((_, i) => i % 2 === 0)) arena.release(place);
    fill(3 * BLOCK_BYTES, 500);
    expect(arena.bytes).toBe(fullest);
  });

  it('gives what was read as a copy', () => {
    const arena = new BlockArena();
    const place = arena.write(bytesOf(1_000, 1));
    const read = arena.read(place, 1_000);
    arena.release(place);
    arena.write(bytesOf(1_000, 2));
    expect(read).toBe(bytesOf(1_000, 1).toString('latin1'));
  });

  it('gives all memory back when it is cleared, and starts anew', () => {
    const arena = new BlockArena();
    arena.write(bytesOf(10_000, 1));
    arena.clear();
    expect(arena.bytes).toBe(0);
    const place = arena.write(bytesOf(700, 2));
    expect(arena.read(place, 700)).toBe(bytesOf(700, 2).toString('latin1'));
  });
});
