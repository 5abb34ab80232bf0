-- API: private
-- Raises when the queue is over its limit. What a bridge counted last and the ids given since are more than waits, and cost
-- two rows to read; only where that is over the limit is counted what is really there, this transaction's own with it.
-- Index: the primary key.
create or replace function net.check_room()
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

  if counted + last_id - counted_id <= max_queued then
    return;
  end if;
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
end
$$;
