-- API: private
-- After a change of net.role_rule, under the lock on net.queue_limit: where a role has a limit of its own in the queue, each call
-- compares (net.check_limit), and no id is within the limit for certain.
create or replace function net.limit_by_role()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  limited constant boolean := exists (
    select
    from net.role_rule r
    where r.max_queued is not null
  );
begin
  update net.queue_limit l
  set by_role = limited
  where l.by_role <> limited;
  if limited then
    perform setval('net.limit_id', 0);
  end if;
end
$$;
