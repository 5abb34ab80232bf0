-- API: private
-- Where a request with an ordering_key leaves the queue, or is parked, or a dead letter that held its key up is gone: the next of its key may be
-- due, and net.order_requests looks. It only says so, and waits for nobody, as it runs within write-backs, cancels and redeliveries.
create or replace function net.pass_turn()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into net.ordering_turn (queued_by, ordering_key)
  values (old.queued_by, old.ordering_key);
  perform net.tell_bridges();
  return null;
end
$$;
