-- Deletes up to $1 kept requests whose time is over. Index: sent_request_until_idx, which serves now() and would not serve clock_timestamp();
-- sent_request_secret_pkey. Locks: the rows; locked ones are skipped.
with expired as materialized (
  select s.id, s.queued_by
  from net.sent_request s
  where s.until < now()
  order by s.until
  limit $1
  for update skip locked
),
told as (
  delete from net.sent_request_secret c
  using expired e
  where c.id = e.id
    and c.queued_by = e.queued_by
)
delete from net.sent_request s
using expired e
where s.id = e.id
  and s.queued_by = e.queued_by
returning s.id
