-- Leaves request $1, of lease $2, which the egress rules of bridge $3 refuse for reason $5, to the bridges $4, whose rules allow it:
-- it is due again after a moment, $6 (interval), and notifies, so that they see it then. Not an attempt. Returns whether it was left:
-- not if each of those has refused it, too, for what it finds at the name, say. Nothing is returned where its lease is lost.
-- Indexes: lease_pkey, http_request_queue_pkey, hop_slot_id_idx. Locks: the lease, then the row.
with fence as materialized (
  select l.number, array_remove(l.ids, $1::bigint) as ids
  from net.lease l
  where l.number = $2::bigint
    and l.bridge = $3
    and $1::bigint = any (l.ids)
  for update
),
known as materialized (
  select q.id, f.number, f.ids, $4::uuid[] <@ coalesce(q.left_by, '{}') as refused_by_all
  from net.http_request_queue q
  cross join fence f
  where q.id = $1::bigint
  for no key update of q
),
given as materialized (
  select k.id, k.number, k.ids
  from known k
  where not k.refused_by_all
),
shortened as (
  update net.lease l
  set ids = g.ids
  from given g
  where l.number = g.number
    and g.ids <> '{}'
),
over as (
  delete from net.lease l
  using given g
  where l.number = g.number
    and g.ids = '{}'
),
left_hosts as (
  delete from net.hop_slot s
  using given g
  where s.id = g.id
),
waits as (
  update net.http_request_queue q
  set state = 'waiting',
    due_at = clock_timestamp() + $6::interval,
    left_by = case when $3 = any (q.left_by) then q.left_by else array_append(q.left_by, $3) end,
    error_msg = $5
  from given g
  where q.id = g.id
)
select not k.refused_by_all as left_to_others, pg_notify('pgnetty', '')
from known k
