-- API: private
-- Takes back those of the given requests that the caller may see and that are not being sent; gives how many.
-- Index: the primary key. Locks: the rows, in id order.
create or replace function net.cancel_requests(ids bigint[])
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  cancelled_by constant regrole := net.caller();
  count bigint;
begin
  with free as materialized (
    select q.id
    from net.http_request_queue q
    where q.id = any (ids)
      and (
        q.lease_until is null
        or q.replica is null
        or q.lease_until = 'infinity'
        or q.lease_until <= clock_timestamp()
      )
      and net.may_see(q.queued_by)
    order by q.id
    for update
  ),
  cancelled as (
    delete from net.http_request_queue q
    using free f
    where q.id = f.id
    returning q.*
  )
  insert into net._http_response (id, timed_out, error_msg, queued_by, cancelled, dedupe_key, fingerprint)
  select
    c.id,
    false,
    format('Cancelled by %s', cancelled_by)
      || case when c.attempt > 0 then format(' after attempt %s, which may have reached the target', c.attempt) else '' end
      || coalesce('. ' || c.error_msg, ''),
    c.queued_by,
    true,
    c.dedupe_key,
    c.fingerprint
  from cancelled c;
  get diagnostics count = row_count;
  return count;
end
$$;
