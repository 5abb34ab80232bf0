-- Deletes the oldest of the kept requests, up to $1, of each role that keeps more than $2 bytes: so no role fills the disk, nor takes another's
-- part. Reads the whole table, no index, once in some minutes; sent_request_secret_pkey for the rest. Locks: the rows; locked ones are skipped.
with newest as materialized (
  select s.id, s.queued_by, sum(s.bytes) over (partition by s.queued_by order by s.id desc) as kept
  from net.sent_request s
),
beyond as materialized (
  select s.id, s.queued_by
  from newest n
  join net.sent_request s on s.id = n.id and s.queued_by = n.queued_by
  where n.kept > $2::bigint
  order by s.id
  limit $1
  for update of s skip locked
),
told as (
  delete from net.sent_request_secret c
  using beyond b
  where c.id = b.id
    and c.queued_by = b.queued_by
)
delete from net.sent_request s
using beyond b
where s.id = b.id
  and s.queued_by = b.queued_by
returning s.id
