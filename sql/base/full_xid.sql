-- API: helper
-- The 64-bit id of the transaction that a row's xmin (its low 32 bits) names, for rows not older than 2^31 transactions.
-- A row of our own transaction may lie beyond the snapshot's xmax, so count from the middle of the window.
create or replace function net.full_xid(xmin xid)
returns xid8
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ((middle - low) >> 32 << 32 | low)::text::xid8
  from (
    select
      pg_snapshot_xmax(pg_current_snapshot())::text::bigint + (1::bigint << 31) as middle,
      xmin::text::bigint as low
  ) x
$$;
