-- API: helper
-- Switches the triggers of a webhook on, as it was made, or off.
create or replace function net.switch_webhook(function regprocedure, is_on boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  item record;
begin
  for item in
    select t.tgname, t.tgrelid::regclass as relation, net.webhook_settings(t.tgfoid) ->> 'in_replica' = 'true' as in_replica
    from pg_trigger t
    where t.tgfoid = function
      and t.tgparentid = 0
  loop
    execute format(
      'alter table %s %s trigger %I',
      item.relation,
      case when not is_on then 'disable' when item.in_replica then 'enable always' else 'enable' end,
      item.tgname);
  end loop;
end
$$;
