-- API: private
-- Makes due up to `batch` requests whose time has come: a schedule, or a retry. Gives how many.
-- Index: http_request_queue_later_idx, read from the start of what waits; it serves now() and would not serve
-- clock_timestamp(). Locks: the rows; locked ones are skipped.
create or replace function net.promote(batch integer)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with ready as materialized (
    select q.id
    from net.http_request_queue q
    where q.state = 'waiting'
      and q.due_at <= now()
    order by q.due_at
    limit batch
    for no key update skip locked
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
