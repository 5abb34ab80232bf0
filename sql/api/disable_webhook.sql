-- API: public
-- Changes of the table are not sent until net.enable_webhook, and not later either. What is queued is sent.
-- Locks: share row exclusive on the table, for which it waits 5 s at most.
create or replace function net.disable_webhook(
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
  perform net.switch_webhook(net.need_webhook(name, "table"), false);
end
$$;
