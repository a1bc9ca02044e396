import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The invalidation log and its members: the part of the cache that lives in the database, so that an
 * invalidation commits or rolls back with the write that causes it. `watchTable` adds the triggers.
 */
export class CacheInvalidation1700000000001 implements MigrationInterface {
  readonly name = 'CacheInvalidation1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];

    // One row. `id` is in every Redis key and channel: Pub/Sub knows no database numbers.
    await runner.query(`
      CREATE TABLE cache_catalogue (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        id text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
        pruned pg_snapshot NOT NULL DEFAULT '1:1:',
        longest_lease_ms integer NOT NULL DEFAULT 0
      )`);
    await runner.query('INSERT INTO cache_catalogue DEFAULT VALUES');

    await runner.query(`
      CREATE TABLE cache_invalidation (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        tags text[] NOT NULL DEFAULT '{}',
        glob text
      )`);
    await runner.query('CREATE INDEX cache_invalidation_xid ON cache_invalidation (xid)');

    // Unlogged: registering a few times a second must not wait for a disk. A crash empties it, and every
    // instance waits one lease out before it answers writes on a server that it has not met before.
    await runner.query(`
      CREATE UNLOGGED TABLE cache_member (
        id text PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        lease_ms integer NOT NULL,
        snapshot pg_snapshot NOT NULL
      )`);

    // Snapshots taken now and then. The log is pruned behind one that is old enough, never by a row's age:
    // a row's time precedes its commit.
    await runner.query(`
      CREATE TABLE cache_horizon (
        taken_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
        snapshot pg_snapshot NOT NULL DEFAULT pg_current_snapshot()
      )`);

    // Which server answers: another system, timeline or start is another one, whose transaction ids and
    // members mean nothing here.
    await runner.query(`
      CREATE FUNCTION cache_server_identity() RETURNS text LANGUAGE sql STABLE AS $$
        SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system())::text
          || '/' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
          || '/' || pg_catalog.pg_postmaster_start_time()::text
      $$`);

    // Whether all that is visible in "older" is visible in "newer" too.
    await runner.query(`
      CREATE FUNCTION cache_covers(newer pg_snapshot, older pg_snapshot) RETURNS boolean
      LANGUAGE sql IMMUTABLE AS $$
        SELECT pg_catalog.pg_snapshot_xmax(older) <= pg_catalog.pg_snapshot_xmax(newer)
          AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_snapshot_xip(newer) running
            WHERE running < pg_catalog.pg_snapshot_xmax(older)
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_snapshot_xip(older) o WHERE o = running))
      $$`);

    // Other roles and the replication worker run these, hence SECURITY DEFINER with a fixed search path.
    // synchronous_commit: a crash could lose the commit and hand its transaction id out again, and an old
    // snapshot would hide the new row.
    await runner.query(`
      CREATE FUNCTION cache_log(written text[]) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        IF current_setting('synchronous_commit') = 'off' THEN
          PERFORM set_config('synchronous_commit', 'on', true);
        END IF;
        INSERT INTO ${schema}.cache_invalidation (tags) VALUES (written);
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION cache_log(text[]) FROM PUBLIC');

    // What the log's reader asks, as a function: PostgreSQL keeps its plan, and each write waits for its answer.
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
    for (const routine of [
      'cache_read(text, pg_snapshot)',
      'cache_log(text[])',
      'cache_covers(pg_snapshot, pg_snapshot)',
      'cache_server_identity()',
    ]) {
      await runner.query(`DROP FUNCTION ${routine}`);
    }
    for (const table of ['cache_horizon', 'cache_member', 'cache_invalidation', 'cache_catalogue']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
