-- The hosts with the most in the queue. Reads the whole table, no index: a person asked for it.
select
  q.host,
  count(*) filter (where q.lease_until is null) as queued,
  count(*) filter (where q.replica is null and isfinite(q.lease_until)) as later,
  count(*) filter (where q.replica is not null and q.lease_until > clock_timestamp() and q.lease_until <> 'infinity')
    as in_flight,
  exists (
    select
    from net.paused p
    where net.host_matches(q.host, p.host_pattern)
  ) as paused
from net.http_request_queue q
group by q.host
order by count(*) desc, q.host
limit 10
