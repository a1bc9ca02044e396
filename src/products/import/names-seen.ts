import { hash } from 'node:crypto';

const FIRST_SLOTS = 1024;
/** Above this share of used slots the table doubles. */
const FULL = 0.7;

/**
 * Which names a file has given, and in which line first. Keeps 64 bits of each name's SHA-1 and the line, 12 bytes a
 * slot: 12 to 35 bytes a name whatever its length. Two different names are taken for one with a probability of about
 * 3 in 100 million for a million rows, and 3 in a million for ten million.
 */
export class NamesSeen {
  private slots = FIRST_SLOTS;
  private used = 0;
  private high = new Uint32Array(FIRST_SLOTS);
  private low = new Uint32Array(FIRST_SLOTS);
  /** 0: the slot is free. */
  private lines = new Uint32Array(FIRST_SLOTS);

  /** The line that gave this name before, or null, and then it is remembered. */
  add(name: string, line: number): number | null {
    if (this.used >= this.slots * FULL) this.grow();
    const digest = hash('sha1', name, 'buffer');
    const high = digest.readUInt32LE(0);
    const low = digest.readUInt32LE(4);
    const at = this.find(high, low);
    const before = this.lines[at]!;
    if (before !== 0) return before;
    this.put(at, high, low, line);
    this.used++;
    return null;
  }

  /** The slot of this hash, or the free one where it belongs. */
  private find(high: number, low: number): number {
    let at = low & (this.slots - 1);
    while (this.lines[at] !== 0 && (this.low[at] !== low || this.high[at] !== high)) {
      at = (at + 1) & (this.slots - 1);
    }
    return at;
  }

  private put(at: number, high: number, low: number, line: number): void {
    this.high[at] = high;
    this.low[at] = low;
    this.lines[at] = line;
  }

  private grow(): void {
    const { high, low, lines } = this;
    this.slots *= 2;
    this.high = new Uint32Array(this.slots);
    this.low = new Uint32Array(this.slots);
    this.lines = new Uint32Array(this.slots);
    for (let i = 0; i < lines.length; i++) {
      if (lines[i] !== 0) this.put(this.find(high[i]!, low[i]!), high[i]!, low[i]!, lines[i]!);
    }
  }
}
