// PostgreSQL's arithmetic of snapshots: https://www.postgresql.org/docs/current/functions-info.html, "pg_snapshot".

interface Parts {
  readonly xmin: number;
  readonly xmax: number;
  readonly running: ReadonlySet<number>;
}

const parsed = new Map<string, Parts>();

export function parseSnapshot(text: string): Parts {
  let parts = parsed.get(text);
  if (!parts) {
    const [xmin, xmax, xip] = text.split(':') as [string, string, string];
    parts = { xmin: Number(xmin), xmax: Number(xmax), running: new Set(xip === '' ? [] : xip.split(',').map(Number)) };
    if (parsed.size > 5_000) parsed.clear();
    parsed.set(text, parts);
  }
  return parts;
}

export function formatSnapshot(running: Iterable<number>, latestCompleted: number): string {
  const xmax = latestCompleted + 1;
  const below = [...running].filter((xid) => xid < xmax).sort((a, b) => a - b);
  return `${below[0] ?? xmax}:${xmax}:${below.join(',')}`;
}

/** `pg_visible_in_snapshot` */
export function visibleIn(snapshot: string, xid: number): boolean {
  const { xmax, running } = parseSnapshot(snapshot);
  return xid < xmax && !running.has(xid);
}

/** `cache_covers`: whether all that is visible in `older` is visible in `newer` too. */
export function covers(newer: string, older: string): boolean {
  const [a, b] = [parseSnapshot(newer), parseSnapshot(older)];
  return b.xmax <= a.xmax && [...a.running].every((xid) => xid >= b.xmax || b.running.has(xid));
}
