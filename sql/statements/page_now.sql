-- What the page shows live, as one JSON object. Each part is bounded, whatever waits: counts stop at 10,000, and due is what is not in flight; hosts
-- are the 30 with the most in flight, those of the first 50 lines, and 50 whose circuit breaker is open, each counted up to 1,000 for each role;
-- failures the newest 10 of the newest 500 responses, with their errors only where $1.
-- Indexes: http_request_queue_due_idx, http_request_queue_later_idx, _http_response_created_idx, dead_letter_died_idx, hosts_pkey, paused_pkey; the
-- tables of bridges, leases and pauses are small.
with held as materialized (
  select l.host, l.role, l.bridge, cardinality(l.ids) as count
  from net.lease l
  where l.until > clock_timestamp()
),
busiest as materialized (
  select h.host, h.role, sum(h.count) as in_flight
  from held h
  group by h.host, h.role
  order by sum(h.count) desc
  limit 30
),
first_lines as materialized (
  select l.host, l.role
  from net.due_lines(0::oid, '{}', '{}', 50, '{}') l
),
lines as materialized (
  select
    p.host,
    coalesce(p.in_flight, 0) as in_flight,
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        where q.queued_by = p.role::regrole
          and q.host = p.host
          and q.state = 'due'
        limit 1000 + coalesce(p.in_flight, 0)
      ) due
    ) as due
  from (
    select b.host, b.role::oid as role, b.in_flight
    from busiest b
    union all
    select f.host, f.role::oid, null
    from first_lines f
    where not exists (
        select
        from busiest b
        where b.host = f.host
          and b.role::oid = f.role::oid
      )
  ) p
),
by_host as (
  select
    l.host,
    sum(greatest(l.due - l.in_flight, 0)) as due,
    bool_or(l.due >= 1000 + l.in_flight) as capped
  from lines l
  group by l.host
),
names as (
  select b.host, b.due, b.capped
  from by_host b
  union all
  (
    select h.host, 0, false
    from net.hosts h
    where h.breaker_open_until is not null
      and h.host not in (select b.host from by_host b)
    limit 50
  )
),
hosts as (
  select
    n.host,
    n.due,
    n.capped,
    (
      select coalesce(sum(h.count), 0)
      from held h
      where h.host = n.host
    ) as in_flight,
    (
      select b.breaker_open_until is not null
      from net.hosts b
      where b.host = n.host
    ) as is_open,
    exists (
      select
      from net.paused p
      where p.host_pattern = any (net.patterns_of(n.host))
    ) as is_paused
  from names n
),
recent as materialized (
  select r.status_code, r.failed, r.cancelled
  from net._http_response r
  -- Not the clock, which no index condition can have.
  where r.created > statement_timestamp() - interval '10 seconds'
  order by r.created desc
  limit 10000
),
failures as (
  select r.id, r.created, r.status_code, case when $1 then left(r.error_msg, 500) end as error
  from (
    select r.*
    from net._http_response r
    order by r.created desc
    limit 500
  ) r
  where (r.status_code is null or r.failed)
    and not r.cancelled
    and r.same_as is null
  order by r.created desc
  limit 10
)
select jsonb_build_object(
  'due', (
    select greatest(count(*) - (select coalesce(sum(h.count), 0) from held h), 0)
    from (
      select
      from net.http_request_queue q
      where q.state = 'due'
      limit 10000 + (select coalesce(sum(h.count), 0) from held h)
    ) due
  ),
  'later', (
    select count(*)
    from (
      select
      from net.http_request_queue q
      where q.state = 'waiting'
      limit 10000
    ) later
  ),
  'dead', (
    select count(*)
    from (
      select
      from net.dead_letter d
      limit 10000
    ) dead
  ),
  'in_flight', (select coalesce(sum(h.count), 0) from held h),
  'answered_10s', (select count(*) from recent r where r.status_code is not null and not r.failed),
  'failed_10s', (select count(*) from recent r where (r.status_code is null or r.failed) and not r.cancelled),
  'recent_capped', (select count(*) >= 10000 from recent),
  'hosts_capped', (select count(*) >= 50 from first_lines) or (select count(*) >= 30 from busiest),
  'bridges', (
    select coalesce(jsonb_agg(b order by b.name), '[]')
    from (
      select
        b.bridge as key,
        b.name,
        b.version,
        b.state,
        (
          select coalesce(sum(h.count), 0)
          from held h
          where h.bridge = b.bridge
        ) as in_flight,
        extract(epoch from clock_timestamp() - b.started)::bigint as up_seconds,
        exists (
          select
          from net.leader l
          where l.bridge = b.bridge
            and l.until > clock_timestamp()
        ) as is_leader
      from net.bridges b
      where b.seen > clock_timestamp() - interval '15 seconds'
      limit 50
    ) b
  ),
  'hosts', (select coalesce(jsonb_agg(h order by h.in_flight desc, h.due desc, h.host), '[]') from hosts h),
  'paused', (
    select coalesce(jsonb_agg(jsonb_build_object('pattern', p.host_pattern, 'by', p.paused_by, 'since', p.since) order by p.host_pattern), '[]')
    from (
      select *
      from net.paused p
      order by p.host_pattern
      limit 100
    ) p
  ),
  'failures', (select coalesce(jsonb_agg(f order by f.created desc), '[]') from failures f)
)::text as now
