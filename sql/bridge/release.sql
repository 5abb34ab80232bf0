-- Gives back the leases of the attempts (ids $1, attempts $2) that replica $3, by name $5, still holds, and rings, so that
-- another bridge claims the requests at once. Those of $4 had begun: they may have reached their target, and their history
-- says so.
-- Indexes: http_request_queue_pkey, attempts_pkey. Locks: the rows in id order; one that another transaction has locked is
-- skipped, and its lease runs out.
with held as materialized (
  select q.id, q.attempt, q.queued_by, h.begun
  from net.http_request_queue q
  join unnest($1::bigint[], $2::integer[], $4::boolean[]) as h (id, attempt, begun)
    on h.id = q.id and h.attempt = q.attempt
  where q.lease_until <> 'infinity'
    and q.replica = $3
  order by q.id
  for no key update of q skip locked
),
given_up as (
  insert into net.attempts (id, attempt, started, failure, error_msg, replica, queued_by)
  select
    h.id,
    h.attempt,
    clock_timestamp(),
    'lost',
    'Given up as its bridge stopped; it may have reached the target',
    $5,
    h.queued_by
  from held h
  where h.begun
  on conflict do nothing
),
released as (
  update net.http_request_queue q
  set lease_until = null,
    replica = null,
    host = coalesce(q.home_host, q.host),
    home_host = null
  from held
  where q.id = held.id
  returning q.id, q.attempt
)
select r.id, r.attempt
from released r,
  (select pg_notify('pgnetty', '')) bell
