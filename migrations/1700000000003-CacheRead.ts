import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the log's reader asks, as a function: PostgreSQL keeps its plan, and each write waits for its answer. */
export class CacheRead1700000000003 implements MigrationInterface {
  readonly name = 'CacheRead1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    // One statement, so that rows, members and the snapshot are of one moment. STABLE: all of it sees the caller's.
    // Bounds: beyond 2,000 rows everything is dropped instead, beyond 500 a member is waited for by its registration.
    await runner.query(`
      CREATE FUNCTION cache_read(reader text, since pg_snapshot, OUT snapshot text, OUT identity text, OUT covered boolean,
        OUT rows json, OUT members json, OUT longest_lease_ms integer)
      LANGUAGE plpgsql STABLE AS $$
      #variable_conflict use_column
      BEGIN
        SELECT pg_current_snapshot()::text,
          cache_server_identity(),
          cache_covers(cache_read.since, c.pruned),
          (SELECT coalesce(json_agg(json_build_array(r.id, r.tags, r.glob)), '[]') FROM
            (SELECT l.id, l.tags, l.glob FROM cache_invalidation l
             WHERE l.xid >= pg_snapshot_xmin(cache_read.since) AND NOT pg_visible_in_snapshot(l.xid, cache_read.since)
             ORDER BY l.id LIMIT 2001) r),
          (SELECT coalesce(json_agg(json_build_array(m.id,
              extract(epoch FROM m.expires_at - clock_timestamp()) * 1000, m.lease_ms,
              ARRAY(SELECT l.id FROM cache_invalidation l
                WHERE l.xid >= pg_snapshot_xmin(m.snapshot) AND NOT pg_visible_in_snapshot(l.xid, m.snapshot)
                LIMIT 501))), '[]')
            FROM cache_member m WHERE m.id <> cache_read.reader AND m.expires_at > clock_timestamp()),
          greatest(c.longest_lease_ms, (SELECT max(lease_ms) FROM cache_member))
        INTO snapshot, identity, covered, rows, members, longest_lease_ms
        FROM cache_catalogue c;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION cache_read(text, pg_snapshot)');
  }
}
