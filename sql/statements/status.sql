-- One screen of what goes on. Exact counts: a person asked for them, and waits. Reads the whole queue, no index.
with held as materialized (
  select i.id
  from net.lease l
  cross join lateral unnest(l.ids) i (id)
  where l.until > clock_timestamp()
),
requests as materialized (
  select q.state, q.failures, q.rank, q.priority, q.id in (select h.id from held h) as in_flight
  from net.monitor_queue q
)
select
  count(*) filter (where not q.in_flight and q.state in ('due', 'keyed', 'ordered') and q.failures = 0) as queued,
  count(*) filter (where not q.in_flight and q.state = 'waiting' and q.failures = 0) as scheduled,
  count(*) filter (where not q.in_flight and q.state not in ('parked', 'behind') and q.failures > 0) as retrying,
  count(*) filter (where q.in_flight) as in_flight,
  count(*) filter (where q.state = 'behind') as behind,
  count(*) filter (where not q.in_flight and q.state = 'parked') as parked,
  extract(
    epoch from max(clock_timestamp() - q.rank - q.priority::double precision * interval '10 seconds')
      filter (where q.state = 'due' and not q.in_flight)
  )::double precision as oldest_seconds,
  (select count(*) from net.monitor_dead_letters d) as dead,
  (select count(*) from net.monitor_responses r) as responses,
  (select count(*) from net.monitor_responses r where (r.status_code is null or r.failed) and not r.cancelled and r.same_as is null)
    as failed,
  (
    select coalesce(string_agg(p.host_pattern, ', ' order by p.host_pattern), '')
    from net.paused p
  ) as paused,
  (
    select c.relpersistence = 'u'
    from pg_class c
    where c.oid = 'net.http_request_queue'::regclass::oid
  ) as unlogged
from requests q
