-- API: private
-- The roles that have requests in a state, other than due.
-- Index: http_request_queue_later_idx, entered once for each of them.
create or replace function net.roles_with(wanted text)
returns setof regrole
-- Its plan is kept, as that of a function in SQL is not.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with recursive senders (role) as (
    (
      select q.queued_by
      from net.http_request_queue q
      where q.state = wanted
        -- So that the planner knows, before it knows the state, that the index has it.
        and q.state <> 'due'
      order by q.queued_by
      limit 1
    )
    union all
    select (
      select q.queued_by
      from net.http_request_queue q
      where q.state = wanted
        and q.state <> 'due'
        and q.queued_by > s.role
      order by q.queued_by
      limit 1
    )
    from senders s
    where s.role is not null
  )
  select s.role
  from senders s
  where s.role is not null;
end
$$;
