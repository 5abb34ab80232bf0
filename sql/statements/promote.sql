-- Makes due up to $1 requests whose time has come. Returns how many, whether any must be looked at for its idempotency_key, or for its
-- ordering_key, and in how many seconds the next one is due.
-- Indexes and locks: see net.promote; http_request_queue_later_idx and ordering_turn_at_idx for the rest.
select
  p.promoted,
  exists (
    select
    from net.http_request_queue q
    where q.state = 'keyed'
  ) as keyed,
  exists (
    select
    from net.http_request_queue q
    where q.state = 'ordered'
  )
  or exists (
    select
    from net.ordering_turn t
    where t.at <= clock_timestamp()
  ) as ordered,
  (
    select extract(epoch from least(min(first.due_at), (select min(t.at) from net.ordering_turn t where t.at > clock_timestamp())) - clock_timestamp())::double precision
    from net.roles_with('waiting') w (role)
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
