-- API: private
-- Makes due up to about `batch` requests whose time has come: a schedule, or a retry. Gives how many. Each role has its part of
-- the batch, so that none waits for the requests of another.
-- Index: http_request_queue_later_idx, entered once for each role and read from the start of the requests that wait; it serves now() and would
-- not serve clock_timestamp(). Locks: the rows; locked ones are skipped.
create or replace function net.promote(batch integer)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with senders as materialized (
    select w.role, ceil(batch::double precision / count(*) over ())::integer as part
    from net.roles_with('waiting') w (role)
  ),
  ready as materialized (
    select r.id
    from senders s
    cross join lateral (
      select q.id
      from net.http_request_queue q
      where q.state = 'waiting'
        and q.queued_by = s.role
        and q.due_at <= now()
      order by q.due_at
      limit s.part
      for no key update skip locked
    ) r
  ),
  due as (
    update net.http_request_queue q
    set state = 'due',
      due_at = null
    from ready r
    where q.id = r.id
    returning q.id
  )
  select count(*)
  from due
$$;
