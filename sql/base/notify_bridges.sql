-- API: private
-- Wakes the bridges when this transaction commits, at the end of a statement that queued. The payload is constant, so that a
-- transaction notifies once.
-- A commit that notifies waits for every other commit that does. So a sender notifies only if it does not get the idle lock, shared and
-- for this transaction. If it gets the lock, the leader polls, and it does not stop polling before it has the lock exclusively,
-- which is after this transaction has ended. With "set net.quiet = on" a session never notifies: PREPARE TRANSACTION refuses a
-- transaction that has notified. A bridge that does not poll finds such a request with its fallback poll.
-- Runs as the role that queues and pins no search_path, so its names are qualified: each sender pays for each step here. For the
-- same reason the trigger has no condition, which would be parsed for each statement.
create or replace function net.notify_bridges()
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
