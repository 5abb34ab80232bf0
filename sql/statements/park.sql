-- Keeps request $1, of lease $2 of bridge $4, whose answer could not be stored for reason $3, out of every claim. It was sent, so it must not
-- be sent again unless somebody asks for that; it stays where its owner sees it.
-- Indexes: lease_pkey, http_request_queue_pkey, hop_slot_id_idx. Locks: the lease, then the row.
with fence as materialized (
  select l.number, l.role, array_remove(l.ids, $1::bigint) as ids
  from net.lease l
  where l.number = $2::bigint
    and l.bridge = $4::uuid
    and $1::bigint = any (l.ids)
  for update
),
shortened as (
  update net.lease l
  set ids = f.ids
  from fence f
  where l.number = f.number
    and f.ids <> '{}'
),
over as (
  delete from net.lease l
  using fence f
  where l.number = f.number
    and f.ids = '{}'
),
left_hosts as (
  delete from net.hop_slot s
  using fence f
  where s.id = $1::bigint
)
update net.http_request_queue q
set state = 'parked',
  due_at = clock_timestamp(),
  attempt = q.attempt + 1,
  error_msg = $3
from fence f
where q.id = $1::bigint
  and q.queued_by = f.role
returning q.id
