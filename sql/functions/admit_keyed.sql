-- API: private
-- Looks at requests that were queued while another with the same key was, and decides up to `batch` of them: one becomes due,
-- or goes back to its time; the others leave the queue with a response that points to it. Returns how many it decided.
-- For the bridges. One at a time, by the lock on the row of queue_limit; and with the key's own lock, or a transaction that
-- has looked already could queue it now: where one of that role holds it, the request waits. (Any role may take an advisory
-- lock; who could not queue as that role is not waited for.) A statement that follows a lock sees what was committed before,
-- as one that takes the lock itself would not.
-- Indexes: http_request_queue_leased_idx and the keys'.
create or replace function net.admit_keyed(batch integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  other record;
  key_lock bigint;
  decided integer := 0;
begin
  perform from net.queue_limit l for update;

  for request in
    select q.id, q.queued_by, q.dedupe_key, q.fingerprint
    from net.http_request_queue q
    where q.lease_until = '-infinity'
    order by q.lease_until, q.id
    for update skip locked
  loop
    exit when decided >= batch;
    key_lock := net.key_lock(request.queued_by, request.dedupe_key);
    continue when not pg_try_advisory_xact_lock(key_lock)
      and exists (
        select
        from pg_locks l
        join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory'
          and l.objsubid = 1
          and (l.classid::bigint << 32 | l.objid::bigint) = key_lock
          and l.granted
          and pg_has_role(a.usesysid, request.queued_by, 'member')
      );
    decided := decided + 1;
    select same.id, same.fingerprint
    into other
    from (
      select q.id, q.fingerprint
      from net.http_request_queue q
      where q.queued_by = request.queued_by
        and q.dedupe_key = request.dedupe_key
        and q.id <> request.id
        and (q.lease_until is distinct from '-infinity' or q.id < request.id)
      union all
      select r.id, r.fingerprint
      from net._http_response r
      where r.queued_by = request.queued_by
        and r.dedupe_key = request.dedupe_key
        and r.same_as is null
      union all
      select d.id, d.fingerprint
      from net.dead_letter d
      where d.queued_by = request.queued_by
        and d.dedupe_key = request.dedupe_key
    ) same
    order by same.id
    limit 1;

    if other.id is null then
      update net.http_request_queue q
      set lease_until = due.due
      from (
        select case when w.due > clock_timestamp() then w.due end as due
        from (
          select k.rank + k.priority * interval '10 seconds' as due
          from net.http_request_queue k
          where k.id = request.id
        ) w
      ) due
      where q.id = request.id;
    else
      begin
        with gone as (
          delete from net.http_request_queue q
          where q.id = request.id
          returning q.id, q.queued_by
        )
        insert into net._http_response (id, timed_out, error_msg, queued_by, same_as)
        select
          g.id,
          false,
          case
            when other.fingerprint = request.fingerprint then format('Not sent: request %s has the same idempotency_key', other.id)
            else format(
              'Not sent: its idempotency_key belongs to request %s, which has another method, URL or body', other.id)
          end,
          g.queued_by,
          case when other.fingerprint = request.fingerprint then other.id end
        from gone g;
      exception
        when others then
          -- A user's trigger on the responses refuses it: it alone stays, and says so.
          update net.http_request_queue q
          set lease_until = 'infinity',
            error_msg = format('Not sent: request %s has the same idempotency_key; this could not be stored: %s', other.id, sqlerrm)
          where q.id = request.id;
      end;
    end if;
  end loop;
  return decided;
end
$$;
