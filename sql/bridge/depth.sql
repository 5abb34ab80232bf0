-- How much waits, for the metrics: exact up to $1 rows, so that its cost is bounded, and the age of the oldest.
-- Index: http_request_queue_pkey for the oldest; the count reads the table, up to $1 rows of it.
select
  count(*) as depth,
  coalesce(
    (
      select extract(epoch from clock_timestamp() - q.created)
      from net.http_request_queue q
      where q.lease_until is null
      order by q.id
      limit 1
    ),
    0
  )::double precision as oldest_seconds
from (
  select
  from net.http_request_queue q
  where q.lease_until is null
  limit $1
) waiting
