-- API: public
-- Queues the caller's own dead letters again (the owner's reach is all) that match everything given; gives how many. Reads
-- all dead letters, or what one role has of them.
create or replace function net.redeliver_where(
  -- A host, *.example.com, or * for all; with :port if wanted.
  host text default null,
  -- Died at this time or later.
  since timestamptz default null,
  -- A part of the last error, in any case.
  error text default null,
  -- Died before this time.
  until timestamptz default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ids bigint[];
begin
  perform net.need_filter(host, since, error, until);
  insert into net.redelivery (host, since, error, until)
  values (host, since, error, until)
  returning new_ids into ids;
  return cardinality(ids);
end
$$;
