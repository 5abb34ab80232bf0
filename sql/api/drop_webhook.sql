-- API: public
-- Drops a webhook: its triggers and their function. What is queued is sent all the same.
-- Locks: access exclusive on the table, for which it waits 5 s at most.
create or replace function net.drop_webhook(
  name text,
  -- Only where several tables have a webhook of this name.
  "table" regclass default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  dropped constant regprocedure := net.need_webhook(name, "table");
  item record;
begin
  for item in
    select t.tgname, t.tgrelid::regclass as relation
    from pg_trigger t
    where t.tgfoid = dropped
      -- The others go with these.
      and t.tgparentid = 0
  loop
    execute format('drop trigger %I on %s', item.tgname, item.relation);
  end loop;
  -- Of a table that has changed hands it is another's.
  if exists (
    select
    from pg_proc p
    where p.oid = dropped
      and pg_has_role(p.proowner, 'usage')
  ) then
    execute format('drop function %s', dropped);
  end if;
end
$$;
