-- API: private
-- At the end of a transaction that has changed net.role_rule: how many roles have a limit in the queue. One transaction at a time, by
-- the lock on the row of net.queue_limit, so that the last one sees the rules of all.
create or replace function net.count_role_limits()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from net.queue_limit l for update;
  perform setval(
    'net.role_limits',
    (
      select count(*)
      from net.role_rule r
      join pg_roles known on known.oid = r.role
      where r.max_queued is not null
    )
  );
  return null;
end
$$;
