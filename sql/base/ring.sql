-- API: private
-- Ends a statement that queued: is there room for what it queued, and must somebody be woken?
-- The quiet bell: a commit that notifies waits for every other that does. So nobody notifies who gets the bell's lock, shared
-- and for this transaction: a bridge is awake then, looks at the queue by itself, and does not fall asleep before it has this
-- lock exclusively, which is after this transaction has ended. Who does not get it notifies; the payload is constant, so that
-- a transaction does so once, at its commit. With "set net.quiet = on" it does not, for the sake of PREPARE TRANSACTION, which
-- refuses who has notified; a bridge that sleeps then finds the request with its slow poll.
-- Room: what a bridge counted last and the ids given since are more than waits, and cost two rows to read; only where
-- that is over the limit is counted what is really there, this transaction's own with it. Index: the primary key.
create or replace function net.ring()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  max_queued bigint;
  counted bigint;
  counted_id bigint;
  last_id bigint;
begin
  select c.max_queued, c.counted, c.counted_id, s.last_value
  into max_queued, counted, counted_id, last_id
  from net.queue_limit c,
    net.http_request_queue_id_seq s;

  if counted + last_id - counted_id > max_queued then
    -- Exact where that is cheap; else some seconds old, for what has left meanwhile.
    if max_queued <= 1000000 then
      counted_id := 0;
      counted := 0;
    end if;
    select counted + count(*)
    into counted
    from (
      select
      from net.http_request_queue q
      where q.id > counted_id
      limit greatest(max_queued - counted + 1, 0)
    ) since;
    if counted > max_queued then
      raise exception using
        errcode = 'configuration_limit_exceeded',
        message = format('the queue is full: its limit of %s requests (--max-queued) is reached, by this call or before it', max_queued),
        hint = 'See what holds them up (pgnetty status), take back what is not needed any more (net.cancel_where), or give the bridges a higher --max-queued.';
    end if;
  end if;

  if not pg_try_advisory_xact_lock_shared(1885826676, 1)
    and lower(coalesce(current_setting('net.quiet', true), '')) not in ('on', 'true', 'yes', '1')
  then
    perform pg_notify('pgnetty', '');
  end if;
  return null;
end
$$;
