-- Deletes up to $1 responses older than $2 (interval), and the history of their attempts unless a dead letter has it still.
-- Index: _http_response_created_idx, which serves now() and would not serve clock_timestamp(); attempts_pkey.
-- Locks: the rows; locked ones are skipped.
with expired as materialized (
  select r.id
  from net._http_response r
  where r.created < now() - $2::interval
  order by r.created
  limit $1
  for update skip locked
),
forgotten as (
  delete from net.attempts a
  using expired e
  where a.id = e.id
    and not exists (
      select
      from net.dead_letter d
      where d.id = e.id
    )
)
delete from net._http_response r
using expired e
where r.id = e.id
returning r.id
