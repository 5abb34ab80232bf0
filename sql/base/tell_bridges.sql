-- API: private
-- Wakes the bridges when this transaction commits, unless one polls anyway or the session must not notify: as net.notify_bridges does where
-- requests are queued, see there.
create or replace function net.tell_bridges()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not pg_try_advisory_xact_lock_shared(1885826676, 1)
    and coalesce(lower(current_setting('net.quiet', true)) <> all ('{on,true,yes,1}'), true)
  then
    perform pg_notify('pgnetty', '');
  end if;
end
$$;
