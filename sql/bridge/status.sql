-- One screen of what goes on. Exact counts: a person asked for them, and waits. Reads the whole queue, no index.
select
  count(*) filter (where (q.lease_until is null or q.lease_until = '-infinity') and q.failures = 0) as queued,
  count(*) filter (where q.replica is null and q.failures = 0 and isfinite(q.lease_until)) as scheduled,
  count(*) filter (where q.replica is null and q.failures > 0 and q.lease_until is distinct from 'infinity') as retrying,
  count(*) filter (where q.replica is not null and q.lease_until > clock_timestamp() and q.lease_until <> 'infinity')
    as in_flight,
  count(*) filter (where q.lease_until = 'infinity') as parked,
  extract(
    epoch from max(clock_timestamp() - q.rank - q.priority::double precision * interval '10 seconds') filter (where q.lease_until is null)
  )::double precision as oldest_seconds,
  (select count(*) from net.dead_letter d) as dead,
  (select count(*) from net._http_response r) as responses,
  (select count(*) from net._http_response r where (r.status_code is null or r.failed) and not r.cancelled and r.same_as is null)
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
from net.http_request_queue q
