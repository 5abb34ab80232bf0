-- API: public
-- Takes back the caller's own requests (the owner's reach is all) that are not being sent and that match everything given;
-- gives how many. Reads the whole queue, or what one role has in it.
create or replace function net.cancel_where(
  -- A host, *.example.com, or * for all; with :port if wanted.
  host text default null,
  -- Queued at this time or later.
  since timestamptz default null,
  -- A part of the last error, in any case.
  error text default null,
  -- Queued before this time.
  until timestamptz default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  count bigint;
begin
  perform net.need_filter(host, since, error, until);
  insert into net.cancellation (host, since, error, until)
  values (host, since, error, until)
  returning cancelled into count;
  return count;
end
$$;
