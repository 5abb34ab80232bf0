-- Deletes up to $1 dead letters older than $2 (interval), and the history of their attempts. Indexes: dead_letter_died_idx,
-- which serves now() and would not serve clock_timestamp(); attempts_pkey. Locks: the rows; locked ones are skipped.
with expired as materialized (
  select d.id
  from net.dead_letter d
  where d.died < now() - $2::interval
  order by d.died
  limit $1
  for update skip locked
),
forgotten as (
  delete from net.attempts a
  using expired e
  where a.id = e.id
),
told as (
  delete from net.dead_letter_secret s
  using expired e
  where s.id = e.id
)
delete from net.dead_letter d
using expired e
where d.id = e.id
returning d.id
