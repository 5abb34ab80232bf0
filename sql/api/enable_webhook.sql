-- API: public
-- Ends what net.disable_webhook began: changes are sent again, from now on.
-- Locks: share row exclusive on the table, for which it waits 5 s at most.
create or replace function net.enable_webhook(
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
begin
  perform net.switch_webhook(net.need_webhook(name, "table"), true);
end
$$;
