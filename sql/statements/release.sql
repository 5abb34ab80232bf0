-- Gives back the requests $1, of the leases $2, that bridge $3, by name $5, still holds, and notifies, so that another bridge
-- claims them at once. Those of $4 had begun: they may have reached their target, and their history says so.
-- Indexes: lease_pkey, http_request_queue_pkey, attempts_pkey, hop_slot_id_idx. Locks: the leases by number, and the rows of
-- those that had begun; what is locked is skipped, and its lease runs out.
with given as materialized (
  select *
  from unnest($1::bigint[], $2::bigint[], $4::boolean[]) as g (id, lease, begun)
),
fences as materialized (
  select l.number, l.role, l.ids
  from net.lease l
  where l.number = any ($2::bigint[])
    and l.bridge = $3
  order by l.number
  for update of l skip locked
),
free as materialized (
  select g.id, g.lease, g.begun, f.role
  from given g
  join fences f on f.number = g.lease and g.id = any (f.ids)
),
left_over as materialized (
  select
    f.number,
    array(
      select i.id
      from unnest(f.ids) i (id)
      where i.id not in (select r.id from free r)
    ) as ids
  from fences f
),
shortened as (
  update net.lease l
  set ids = r.ids
  from left_over r
  where l.number = r.number
    and r.ids <> '{}'
),
over as (
  delete from net.lease l
  using left_over r
  where l.number = r.number
    and r.ids = '{}'
),
left_hosts as (
  delete from net.hop_slot s
  using free f
  where s.id = f.id
),
given_up as (
  update net.http_request_queue q
  set attempt = q.attempt + 1
  from free f
  where q.id = f.id
    and q.queued_by = f.role
    and f.begun
  returning q.id, q.attempt, q.queued_by
),
told as (
  insert into net.attempts (id, attempt, started, failure, error_msg, bridge, queued_by)
  select
    g.id,
    g.attempt,
    clock_timestamp(),
    'lost',
    'Given up as its bridge stopped; it may have reached the target',
    $5,
    g.queued_by
  from given_up g
  on conflict do nothing
)
select f.id, f.lease
from free f,
  (select pg_notify('pgnetty', '')) notified
