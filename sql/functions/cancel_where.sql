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
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host);
begin
  perform net.need_filter(host, since, error, until);
  return net.cancel_requests(
    array(
      select q.id
      from net.http_request_queue q
      where (pg_has_role((select net.caller()), q.queued_by, 'member') or (select net.is_owner()))
        and (pattern is null or net.host_matches(q.host, pattern))
        and (since is null or q.created >= since)
        and (until is null or q.created < until)
        and (error is null or strpos(lower(q.error_msg), lower(error)) > 0)
    )
  );
end
$$;
