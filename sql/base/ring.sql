-- API: private
-- Wakes the bridges when this transaction commits: the end of a statement that queued while a bridge sleeps. The payload is
-- constant, so that a transaction notifies once.
-- The quiet bell: a commit that notifies waits for every other that does. So nobody notifies who gets the bell's lock, shared
-- and for this transaction, which the trigger's condition tries: a bridge is awake then, looks at the queue by itself, and
-- does not fall asleep before it has this lock exclusively, which is after this transaction has ended. With
-- "set net.quiet = on" nobody notifies either, for the sake of PREPARE TRANSACTION, which refuses who has; a bridge that
-- sleeps then finds the request with its slow poll.
create or replace function net.ring()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if lower(coalesce(current_setting('net.quiet', true), '')) not in ('on', 'true', 'yes', '1') then
    perform pg_notify('pgnetty', '');
  end if;
  return null;
end
$$;
