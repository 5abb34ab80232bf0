-- Forgets up to $1 hosts for which nothing is due or held, and which no rate limit holds back, nor a circuit breaker that was used in the
-- last ten minutes.
-- Indexes: hosts_pkey, read whole; http_request_queue_due_idx, once for each host and role; lease_host_idx and hop_slot_pkey, once for each host. Locks: the rows;
-- locked ones are skipped.
with recursive senders (role) as (
  (
    select q.queued_by
    from net.http_request_queue q
    where q.state = 'due'
    order by q.queued_by
    limit 1
  )
  union all
  select (
    select q.queued_by
    from net.http_request_queue q
    where q.state = 'due'
      and q.queued_by > s.role
    order by q.queued_by
    limit 1
  )
  from senders s
  where s.role is not null
),
idle as materialized (
  select h.host
  from net.hosts h
  where (h.breaker_open_until is null or h.breaker_open_until < clock_timestamp() - interval '10 minutes')
    and (h.rate_limited_until is null or h.rate_limited_until < clock_timestamp() - interval '1 minute')
    and not exists (
      select
      from senders s
      join net.http_request_queue q on q.queued_by = s.role
      where q.host = h.host
        and q.state = 'due'
    )
    and not exists (
      select
      from net.lease l
      where l.host = h.host
    )
    and not exists (
      select
      from net.hop_slot p
      where p.host = h.host
    )
  limit $1
  for update skip locked
)
delete from net.hosts h
using idle i
where h.host = i.host
returning h.host
