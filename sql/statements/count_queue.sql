-- Counts what is in the queue, up to its limit $1 and one more, and says up to which id calls need not count (net.limit_id;
-- see net.ask_for_room). Written down only when it has changed by a twentieth of the limit, or what the calls add up comes
-- near it. And says up to which id there are rows (net.known_id). Not which was drawn last: a row with that id may be about to be
-- inserted, and the insert's trigger would think that the id had been used before.
-- Index: http_request_queue_pkey, read whole where the planner does not prefer the table, and from its end.
with counted as materialized (
  select
    -- First: what is queued while the count goes on is in neither otherwise.
    (
      select case when s.is_called then s.last_value else 0::bigint end
      from net.http_request_queue_id_seq s
    ) as last_id,
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        limit $1::bigint + 1::bigint
      ) waiting
    ) as depth,
    (
      select max(q.id)
      from net.http_request_queue q
    ) as highest_id
),
written as (
  update net.queue_limit b
  set max_queued = $1::bigint,
    counted = c.depth,
    counted_id = c.last_id
  from counted c
  where b.max_queued <> $1::bigint
    or abs(b.counted - c.depth) > $1::bigint / 20::bigint
    or b.counted + c.last_id - b.counted_id > $1::bigint / 2::bigint
    or c.last_id < b.counted_id
  -- From the last row that was counted: one that is on its way has an id, too, and is not.
  returning coalesce(c.highest_id, c.last_id) + b.max_queued - b.counted as limit_id
)
select
  c.depth,
  (
    select setval('net.limit_id', greatest(w.limit_id, 0::bigint))
    from written w
  ) as limit_id,
  net.raise_known_id(coalesce(c.highest_id, 0::bigint))
from counted c
