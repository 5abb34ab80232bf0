-- Counts what is in the queue, up to its limit $1 and one more, for the calls that compare with it (net.ring). Written down
-- only when it has changed by a twentieth of the limit, or a quarter of it has been given in ids: the row is read by every
-- call, and each version of it that some old snapshot keeps makes that slower.
-- Index: http_request_queue_pkey, read whole where the planner does not prefer the table.
with counted as materialized (
  select
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        limit $1 + 1
      ) waiting
    ) as depth,
    (
      select case when s.is_called then s.last_value else 0 end
      from net.http_request_queue_id_seq s
    ) as last_id
),
written as (
  update net.bridge_control b
  set max_queued = $1,
    counted = c.depth,
    counted_id = c.last_id
  from counted c
  where b.max_queued <> $1
    or abs(b.counted - c.depth) > $1 / 20
    or c.last_id - b.counted_id > $1 / 4
    or c.last_id < b.counted_id
)
select c.depth
from counted c
