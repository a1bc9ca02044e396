import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

/** Runs one statement, each time on a connection that is in no transaction. */
export type Ask = (statement: string, parameters: unknown[]) => Promise<unknown>;

/**
 * For writers that are not the service (the commands): resolves once no live instance can serve what this writer has
 * overwritten, that is once each instance's registered snapshot covers every log row that is visible now. Instances
 * read the log several times per lease. Gives up after twice the longest lease among them, when those that did not
 * read have lost theirs. Resolves to whether all had read.
 */
export async function settled(ask: Ask): Promise<boolean> {
  const [start] = (await ask(
    `SELECT pg_current_snapshot()::text AS snapshot,
       (SELECT max(lease_ms) FROM cache_member WHERE expires_at > clock_timestamp()) AS "leaseMs"`,
    [],
  )) as [{ snapshot: string; leaseMs: number | null }];
  if (start.leaseMs === null) return true;
  const deadline = performance.now() + 2 * start.leaseMs;
  for (;;) {
    const [now] = (await ask(
      `SELECT EXISTS (
         SELECT FROM cache_member m
         JOIN cache_invalidation l ON l.xid >= pg_snapshot_xmin(m.snapshot)
         WHERE m.expires_at > clock_timestamp()
           AND pg_visible_in_snapshot(l.xid, $1::pg_snapshot) AND NOT pg_visible_in_snapshot(l.xid, m.snapshot)
       ) AS behind`,
      [start.snapshot],
    )) as [{ behind: boolean }];
    if (!now.behind) return true;
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
}
