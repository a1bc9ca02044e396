const MAX_REMEMBERED = 20_000;

/** Which members have applied which rows. Broadcast, since several writers may wait for one row; bounded, oldest forgotten. */
export class Acknowledgements {
  private readonly seen = new Set<string>();
  private readonly listeners = new Set<() => void>();

  record(member: string, rows: readonly number[]): void {
    for (const row of rows) {
      this.seen.add(`${member} ${row}`);
      if (this.seen.size > MAX_REMEMBERED) this.seen.delete(this.seen.values().next().value!);
    }
    for (const listener of this.listeners) listener();
  }

  has(member: string, row: number): boolean {
    return this.seen.has(`${member} ${row}`);
  }

  clear(): void {
    this.seen.clear();
  }

  /** Returns the way to stop listening. */
  onRecord(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
