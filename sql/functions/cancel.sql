-- API: public
-- Takes back a request that is not being sent, or one that stayed because its answer could not be stored. True: it will not
-- be sent (again), and its result says who cancelled it, and whether an attempt before may have reached the target. False: it is being sent or done, is another role's, or
-- never was. Waits for nobody but a claim that is just
-- happening. Index: the primary key.
create or replace function net.cancel(request_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  with cancelled as (
    delete from net.http_request_queue q
    where q.id = request_id
      and (q.lease_until is null or q.lease_until = 'infinity')
      and net.may_see(q.queued_by)
    returning q.id, q.queued_by, q.attempt, q.error_msg
  )
  insert into net._http_response (id, timed_out, error_msg, queued_by, cancelled)
  select
    c.id,
    false,
    format('Cancelled by %s', net.caller())
      || case when c.attempt > 0 then format(' after attempt %s, which may have reached the target', c.attempt) else '' end
      || coalesce('. ' || c.error_msg, ''),
    c.queued_by,
    true
  from cancelled c;
  return found;
end
$$;
