import pg, { type ClientConfig } from 'pg';
import type {
  DatabaseIdentity,
  InvalidationLog,
  LiveMember,
  LogRead,
  LogRow,
  Position,
  Snapshot,
} from '../core/protocol/ports.js';
import type { WatchedTables } from '../core/row-key.js';
import { watchedTables } from './watched-tables.js';

const CONNECT_WITHIN_MS = 2_000;
/** Beyond this many rows since the last read everything is dropped instead; `cache_read` gives one more. */
const MAX_ROWS = 2_000;
/** Beyond this many rows a member is waited for by its registration, not by row; likewise. */
const MAX_PENDING = 500;
/** A mark or member that is behind a horizon of this age starts over. */
const HORIZON_AGE = '10 minutes';

const NOW = 'SELECT pg_current_snapshot()::text AS snapshot, cache_server_identity() AS identity';

// The snapshot speaks of one server's transactions: another one takes no registration with it.
const REGISTER = `
  WITH here AS (SELECT cache_server_identity() AS identity),
  registered AS (
    INSERT INTO cache_member (id, lease_ms, expires_at, snapshot)
    SELECT $1, $2::int, clock_timestamp() + $2::int * interval '1 millisecond', $3::pg_snapshot
    FROM here WHERE identity = $4
    ON CONFLICT (id) DO UPDATE SET lease_ms = excluded.lease_ms, expires_at = excluded.expires_at,
      snapshot = excluded.snapshot)
  SELECT identity FROM here`;

// A function keeps its plan in the session, through poolers, too; a named statement would not pass a pooler.
const READ = 'SELECT * FROM cache_read($1, $2)';

const PRUNE = `
  WITH h AS (
    SELECT h.snapshot FROM cache_horizon h
    WHERE h.taken_at < clock_timestamp() - interval '${HORIZON_AGE}'
      AND NOT EXISTS (SELECT FROM cache_member m
        WHERE m.expires_at > clock_timestamp() AND NOT cache_covers(m.snapshot, h.snapshot))
      AND cache_covers(h.snapshot, (SELECT pruned FROM cache_catalogue))
    ORDER BY h.taken_at DESC LIMIT 1),
  remembered AS (UPDATE cache_catalogue SET pruned = h.snapshot FROM h RETURNING pruned),
  gone AS (DELETE FROM cache_invalidation l USING remembered r
    WHERE l.xid < pg_snapshot_xmax(r.pruned) AND pg_visible_in_snapshot(l.xid, r.pruned))
  DELETE FROM cache_horizon z USING remembered r WHERE cache_covers(r.pruned, z.snapshot)`;

// After a dump was restored into another server: what names transactions that this one has yet to begin is that
// server's, would never count as seen here, and no snapshot would cover it. A reader that asks from before starts empty.
const DISOWN = `
  WITH here AS (SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next),
  rows AS (DELETE FROM cache_invalidation l USING here WHERE l.xid >= here.next),
  horizons AS (DELETE FROM cache_horizon h USING here WHERE pg_snapshot_xmax(h.snapshot) > here.next)
  UPDATE cache_catalogue c SET pruned = pg_current_snapshot() FROM here WHERE pg_snapshot_xmax(c.pruned) > here.next`;

// A database that was made as a copy of another one has its catalogue's id, and must not read its entries.
const DATABASE = `
  SELECT pg_catalog.left(pg_catalog.md5(c.system_identifier::text || '/' || d.oid::text), 8)
  FROM pg_catalog.pg_control_system() c, pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;

type RawMember = [id: string, remainingMs: number, leaseMs: number, pending: number[]];

interface RawRead {
  snapshot: Snapshot;
  identity: DatabaseIdentity;
  covered: boolean;
  rows: [number, string[], string | null][];
  members: RawMember[];
  longest_lease_ms: number;
}

/**
 * The log over a connection of its own: a full pool cannot starve it, and nothing it does needs a session, so that
 * a pooler in transaction mode may stand between. A call that fails drops the connection; the next makes one.
 */
export class PostgresLog implements InvalidationLog {
  private client: Promise<pg.Client> | undefined;

  constructor(
    private readonly connection: ClientConfig,
    private readonly answerWithinMs: number,
  ) {}

  async now(): Promise<Position> {
    const [row] = await this.query(NOW, []);
    return row as Position;
  }

  async register({ id, leaseMs, applied }: { id: string; leaseMs: number; applied: Position }): Promise<DatabaseIdentity> {
    const [row] = await this.query(REGISTER, [id, leaseMs, applied.snapshot, applied.identity]);
    return (row as { identity: DatabaseIdentity }).identity;
  }

  async read(memberId: string, from: Snapshot): Promise<LogRead> {
    const [raw] = (await this.query(READ, [memberId, from])) as [RawRead];
    return {
      identity: raw.identity,
      snapshot: raw.snapshot,
      rows: raw.rows.map(([id, tags, glob]): LogRow => ({ id, tags, glob })),
      covered: raw.covered && raw.rows.length <= MAX_ROWS,
      members: raw.members.map(toMember),
      longestLeaseMs: raw.longest_lease_ms,
    };
  }

  async leave(memberId: string): Promise<void> {
    await this.query('DELETE FROM cache_member WHERE id = $1', [memberId]);
  }

  async prune(): Promise<void> {
    await this.query(`DELETE FROM cache_member WHERE expires_at < clock_timestamp() - interval '1 hour'`, []);
    await this.query(DISOWN, []);
    await this.query(PRUNE, []);
    // Two instances in one minute need no two horizons.
    await this.query(
      `INSERT INTO cache_horizon (snapshot) SELECT pg_current_snapshot() WHERE NOT EXISTS
         (SELECT FROM cache_horizon WHERE taken_at > clock_timestamp() - interval '50 seconds')`,
      [],
    );
  }

  /** Makes the catalogue remember the longest lease that any instance ever had, and tells it. */
  async join(leaseMs: number): Promise<{ catalogueId: string; longestLeaseMs: number }> {
    const [row] = await this.query(
      `UPDATE cache_catalogue SET longest_lease_ms = greatest(longest_lease_ms, $1)
       RETURNING id || '.' || (${DATABASE}) AS "catalogueId", longest_lease_ms AS "longestLeaseMs"`,
      [leaseMs],
    );
    return row as { catalogueId: string; longestLeaseMs: number };
  }

  /** What triggers watch in this database. */
  watched(): Promise<WatchedTables> {
    return watchedTables((text, values) => this.query(text, values));
  }

  /** A row of the log from outside a watched table's triggers. */
  async append(tags: readonly string[], glob: string | null): Promise<void> {
    await this.query('INSERT INTO cache_invalidation (tags, glob) VALUES ($1, $2)', [tags, glob]);
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await (await client?.catch(() => undefined))?.end().catch(() => undefined);
  }

  private async query(text: string, values: unknown[]): Promise<unknown[]> {
    const opening = (this.client ??= this.open());
    try {
      return (await (await opening).query(text, values)).rows as unknown[];
    } catch (error) {
      // Whatever it was, a fresh connection is the surest way on; the old one may answer late.
      if (this.client === opening) this.client = undefined;
      opening.then((client) => client.end()).catch(() => undefined);
      throw error;
    }
  }

  private async open(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.connection,
      application_name: 'starkpulse-caching log reader',
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: this.answerWithinMs,
      keepAlive: true,
    });
    // Between queries nothing else listens for errors; the next query finds out.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    return client;
  }
}

function toMember([id, remainingMs, leaseMs, pending]: RawMember): LiveMember {
  return { id, remainingMs, leaseMs, pending: pending.length > MAX_PENDING ? null : pending };
}
