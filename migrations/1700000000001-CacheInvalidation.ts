import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The invalidation log and its members: the part of the cache that lives in the database, so that an
 * invalidation commits or rolls back with the write that causes it. `watchTable` adds the triggers.
 */
export class CacheInvalidation1700000000001 implements MigrationInterface {
  readonly name = 'CacheInvalidation1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [
      { schema: string },
    ];

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

    // Arguments: the tag's root (the table's name) and the key column.
    await runner.query(`
      CREATE FUNCTION cache_log_statement() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE
        whole constant text[] := ARRAY[TG_ARGV[0] || '/items', TG_ARGV[0] || '/lists'];
        source text;
        touched text[];
      BEGIN
        IF TG_OP = 'TRUNCATE' THEN
          PERFORM ${schema}.cache_log(whole);
          RETURN NULL;
        END IF;
        source := CASE TG_OP
          WHEN 'INSERT' THEN 'SELECT %1$I::text FROM new_rows'
          WHEN 'DELETE' THEN 'SELECT %1$I::text FROM old_rows'
          ELSE 'SELECT %1$I::text FROM new_rows UNION SELECT %1$I::text FROM old_rows' END;
        EXECUTE format('SELECT array_agg(k) FROM (SELECT DISTINCT k FROM (' || source || ') r(k) LIMIT 1001) d',
          TG_ARGV[1]) INTO touched;
        IF touched IS NULL THEN
          RETURN NULL;
        END IF;
        IF cardinality(touched) > 1000 THEN
          PERFORM ${schema}.cache_log(whole);
        ELSE
          PERFORM ${schema}.cache_log(
            ARRAY(SELECT TG_ARGV[0] || ':' || k FROM unnest(touched) k) || (TG_ARGV[0] || '/lists'));
        END IF;
        RETURN NULL;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION cache_log_statement() FROM PUBLIC');

    // Logical replication fires no statement triggers for rows.
    await runner.query(`
      CREATE FUNCTION cache_log_row() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE
        touched text[] := '{}';
      BEGIN
        IF TG_OP <> 'DELETE' THEN
          touched := touched || (TG_ARGV[0] || ':' || (to_jsonb(NEW) ->> TG_ARGV[1]));
        END IF;
        IF TG_OP <> 'INSERT' THEN
          touched := touched || (TG_ARGV[0] || ':' || (to_jsonb(OLD) ->> TG_ARGV[1]));
        END IF;
        PERFORM ${schema}.cache_log(touched || (TG_ARGV[0] || '/lists'));
        RETURN NULL;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION cache_log_row() FROM PUBLIC');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const routine of [
      'cache_log_row()',
      'cache_log_statement()',
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
