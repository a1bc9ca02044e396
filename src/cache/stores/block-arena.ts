/** Half of it is lost in each body's last block, on average; a smaller one takes more copies to read. */
export const BLOCK_BYTES = 256;
/** Slabs of 64 KB, which malloc can put where the garbage of requests was; larger ones would come on top of it. */
const BLOCKS_PER_SLAB = 256;
const SLAB_BYTES = BLOCK_BYTES * BLOCKS_PER_SLAB;
const NONE = 0xffff_ffff;

/** Blocks of one size that point to the next one of the same bytes, or of the free ones. */
interface Slab {
  readonly bytes: Buffer;
  readonly next: Uint32Array;
}

/**
 * Bytes beside V8's heap, which lets its old space grow to twice of what lives in it before it collects it: for many
 * small bodies that stay, that is most of the memory. Any free block serves any bytes, so that nothing is lost between
 * them, whatever comes and goes. It never holds more than it did at its fullest, until it is cleared.
 */
export class BlockArena {
  private slabs: Slab[] = [];
  private free = NONE;

  /** What so many bytes take here. */
  static sizeOf(length: number): number {
    return blocksFor(length) * (BLOCK_BYTES + Uint32Array.BYTES_PER_ELEMENT);
  }

  /** Copies them. @returns where they begin */
  write(bytes: Buffer): number {
    let first = NONE;
    // From the end on, so that each block knows the one behind it.
    for (let i = blocksFor(bytes.length) - 1; i >= 0; i--) {
      if (this.free === NONE) this.grow();
      const block = this.free;
      const { bytes: target, next } = this.slabs[slabOf(block)]!;
      const place = block % BLOCKS_PER_SLAB;
      this.free = next[place]!;
      next[place] = first;
      bytes.copy(target, place * BLOCK_BYTES, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      first = block;
    }
    return first;
  }

  /** The `length` bytes that begin at `first`, as characters (Latin-1): a copy, whatever becomes of them here. */
  read(first: number, length: number): string {
    let text = '';
    let block = first;
    for (let left = length; left > 0; left -= BLOCK_BYTES) {
      const { bytes, next } = this.slabs[slabOf(block)]!;
      const place = block % BLOCKS_PER_SLAB;
      const start = place * BLOCK_BYTES;
      text += bytes.toString('latin1', start, start + Math.min(left, BLOCK_BYTES));
      block = next[place]!;
    }
    return text;
  }

  /** To be called once for what {@link write} has returned. */
  release(first: number): void {
    if (first === NONE) return;
    let last = first;
    for (let after = this.nextOf(last); after !== NONE; after = this.nextOf(last)) last = after;
    this.slabs[slabOf(last)]!.next[last % BLOCKS_PER_SLAB] = this.free;
    this.free = first;
  }

  /** Gives all memory back. What was written is gone. */
  clear(): void {
    this.slabs = [];
    this.free = NONE;
  }

  /** What it takes, used or free. */
  get bytes(): number {
    return this.slabs.length * (SLAB_BYTES + BLOCKS_PER_SLAB * Uint32Array.BYTES_PER_ELEMENT);
  }

  private nextOf(block: number): number {
    return this.slabs[slabOf(block)]!.next[block % BLOCKS_PER_SLAB]!;
  }

  private grow(): void {
    const start = this.slabs.length * BLOCKS_PER_SLAB;
    const next = Uint32Array.from({ length: BLOCKS_PER_SLAB }, (_, place) => start + place + 1);
    next[BLOCKS_PER_SLAB - 1] = this.free;
    // Not of the shared pool, and not touched before it is used.
    this.slabs.push({ bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), next });
    this.free = start;
  }
}

function blocksFor(length: number): number {
  return Math.ceil(length / BLOCK_BYTES);
}

function slabOf(block: number): number {
  return Math.floor(block / BLOCKS_PER_SLAB);
}
