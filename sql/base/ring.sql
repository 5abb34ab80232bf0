-- API: private
-- Wakes the bridges when this transaction commits: the end of a statement that queued while a bridge sleeps. The payload is
-- constant, so that a transaction notifies once.
-- The quiet bell: a commit that notifies waits for every other that does. So nobody notifies who gets the bell's lock, shared
-- and for this transaction: a bridge is awake then, looks at the queue by itself, and does not fall asleep before it has this
-- lock exclusively, which is after this transaction has ended. With "set net.quiet = on" nobody notifies either, for the sake
-- of PREPARE TRANSACTION, which refuses who has; a bridge that sleeps then finds the request with its slow poll.
-- Runs as who queues and pins no search_path, so its names are qualified: each sender pays for each step here. For the same
-- reason the trigger has no condition, which would be parsed anew for each statement.
create or replace function net.ring()
returns trigger
language plpgsql
as $$
begin
  if not pg_catalog.pg_try_advisory_xact_lock_shared(1885826676, 1) then
    if coalesce(
      pg_catalog.lower(pg_catalog.current_setting('net.quiet', true)) operator(pg_catalog.<>) all ('{on,true,yes,1}'),
      true
    ) then
      perform pg_catalog.pg_notify('pgnetty', '');
    end if;
  end if;
  return null;
end
$$;
