-- Claims up to $1 requests for replica $3, under a lease of $2 (interval) on the database's clock, in id order, and not
-- more than $5 bytes of bodies beyond the first. A body of more than $4 bytes stays in the database: such a request fails
-- without being sent.
-- Index: http_request_queue_pkey, walked from its lowest id; what it passes over is what is in flight, and what is dead
-- and not yet vacuumed.
-- Locks: the claimed rows; those that another claim holds are skipped. The CTE keeps the limit in one place.
with due as materialized (
  select
    q.id,
    case when octet_length(q.body) <= $4 then octet_length(q.body) else 0 end as size
  from net.http_request_queue q
  where q.lease_until is null
  order by q.id
  limit $1
  for no key update skip locked
),
fitting as (
  select d.id
  from (
    select due.id, sum(due.size) over (order by due.id) - due.size as before
    from due
  ) d
  where d.before <= $5
)
update net.http_request_queue q
set attempt = q.attempt + 1,
  lease_until = clock_timestamp() + $2::interval,
  replica = $3
from fitting
where q.id = fitting.id
returning
  q.id,
  q.attempt,
  q.method,
  q.url,
  q.headers::text as headers,
  case when octet_length(q.body) <= $4 then q.body end as body,
  coalesce(octet_length(q.body), 0) as body_length,
  q.timeout_milliseconds,
  q.idempotency_key,
  extract(epoch from clock_timestamp() - q.created)::double precision as waited_seconds
