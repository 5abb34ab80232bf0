-- Deletes up to $1 responses older than $2 (interval). Index: _http_response_created_idx, which serves now() and would
-- not serve clock_timestamp(). Locks: the rows; locked ones
-- are skipped.
with expired as materialized (
  select r.id
  from net._http_response r
  where r.created < now() - $2::interval
  order by r.created
  limit $1
  for update skip locked
)
delete from net._http_response r
using expired
where r.id = expired.id
returning r.id
