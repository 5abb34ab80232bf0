-- API: helper
-- For a request whose id is beyond net.limit_id: what a bridge counted last and the ids given since are more than the limit of
-- the queue. Counts what is really there, this transaction's own and the one row that comes; raises when that is too much, and
-- else moves net.limit_id on, so that not every call counts: by half of the room, as what others have not committed is not
-- seen, and by a thousandth of the limit at least, so that a full queue that is being worked off is not counted for every row
-- that comes. So there may be so much more than the limit, and exactly the limit where it is below 1000.
-- Definer, as nobody else may read the queue or move the limit; it asks nothing of its caller, and does nothing for an id
-- within the limit. Index: the primary key.
create or replace function net.check_limit()
returns void
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
  if last_id <= pg_sequence_last_value('net.limit_id') then
    return;
  end if;

  -- Exact where that is cheap; else some seconds old, for what has left meanwhile.
  if max_queued <= 1000000 then
    counted_id := 0;
    counted := 0;
  end if;
  select counted + 1 + count(*)
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
  -- An older snapshot may see nothing of what waits: that is room for nobody else.
  if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    perform setval('net.limit_id', last_id + greatest((max_queued - counted + 1) / 2, max_queued / 1000));
  end if;
end
$$;
