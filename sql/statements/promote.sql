-- Makes due up to $1 requests whose time has come. Returns how many, whether any must be looked at for its key, and in how many
-- seconds the next one is due.
-- Indexes and locks: see net.promote; http_request_queue_later_idx for the rest.
select
  p.promoted,
  exists (
    select
    from net.http_request_queue q
    where q.state = 'keyed'
  ) as keyed,
  (
    select extract(epoch from min(first.due_at) - clock_timestamp())::double precision
    from net.waiting_roles() w (role)
    cross join lateral (
      select q.due_at
      from net.http_request_queue q
      where q.state = 'waiting'
        and q.queued_by = w.role
        and q.due_at > now()
      order by q.due_at
      limit 1
    ) first
  ) as next_seconds
from net.promote($1::integer) p (promoted)
