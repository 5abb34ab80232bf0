-- The hosts with the most in the queue. Reads the whole table, no index: a person asked for it.
select
  q.host,
  count(*) filter (where q.state = 'due' and h.id is null) as queued,
  count(*) filter (where q.state = 'waiting' and h.id is null) as later,
  count(h.id) as in_flight,
  exists (
    select
    from net.paused p
    where net.host_matches(q.host, p.host_pattern)
  ) as paused,
  (
    select
      case
        when h.breaker_open_until > clock_timestamp() then extract(epoch from h.breaker_open_until - clock_timestamp())::double precision
        else 0::double precision
      end
    from net.hosts h
    where h.host = q.host
      and h.breaker_open_until is not null
  ) as broken_seconds
from net.monitor_queue q
left join (
  select i.id
  from net.lease l
  cross join lateral unnest(l.ids) i (id)
  where l.until > clock_timestamp()
) h on h.id = q.id
group by q.host
order by count(*) desc, q.host
limit 10
