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
  ) as paused,
  (
    select
      case
        when h.broken_until > clock_timestamp() then extract(epoch from h.broken_until - clock_timestamp())::double precision
        else 0::double precision
      end
    from net.hosts h
    where h.host = q.host
      and h.broken_until is not null
  ) as broken_seconds
from net.http_request_queue q
group by q.host
order by count(*) desc, q.host
limit 10
