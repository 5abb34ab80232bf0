-- What the page shows live, as one JSON object. Each part is bounded, whatever waits: counts stop at 10,000, hosts are those of the first 50 lines,
-- each counted up to 1,000 for each role, due is what is not in flight, failures the newest 10 of the newest 500 responses; with their errors only where $1.
-- Indexes: http_request_queue_due_idx, http_request_queue_later_idx, _http_response_created_idx, dead_letter_died_idx, hosts_pkey; the tables of
-- bridges, leases and pauses are small.
with held as materialized (
  select l.host, l.bridge, cardinality(l.ids) as count
  from net.lease l
  where l.until > clock_timestamp()
),
lines as materialized (
  select
    l.host,
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        where q.queued_by = l.role::regrole
          and q.host = l.host
          and q.state = 'due'
        limit 1000
      ) due
    ) as due
  from net.due_lines(0::oid, '{}', '{}', 50, '{}') l
),
names as (
  select l.host
  from lines l
  union
  select h.host
  from held h
  union
  (
    select h.host
    from net.hosts h
    where h.breaker_open_until is not null
    limit 50
  )
),
hosts as (
  select
    n.host,
    greatest(
      (
        select coalesce(sum(l.due), 0)
        from lines l
        where l.host = n.host
      )
      - i.count,
      0
    ) as due,
    i.count as in_flight,
    (
      select b.breaker_open_until is not null
      from net.hosts b
      where b.host = n.host
    ) as is_open,
    exists (
      select
      from net.paused p
      where net.host_matches(n.host, p.host_pattern)
    ) as is_paused
  from names n
  cross join lateral (
    select coalesce(sum(h.count), 0) as count
    from held h
    where h.host = n.host
  ) i
  limit 50
),
recent as materialized (
  select r.status_code, r.failed, r.cancelled
  from net._http_response r
  where r.created > clock_timestamp() - interval '10 seconds'
  order by r.created desc
  limit 10000
),
failures as (
  select r.id, r.created, r.status_code, case when $1 then r.error_msg end as error
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
  'due', greatest(
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        where q.state = 'due'
        limit 10000
      ) due
    )
    - (select coalesce(sum(h.count), 0) from held h),
    0
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
  'bridges', (
    select coalesce(jsonb_agg(b order by b.name), '[]')
    from (
      select
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
  'hosts', (select coalesce(jsonb_agg(h order by h.in_flight + h.due desc, h.host), '[]') from hosts h),
  'paused', (
    select coalesce(jsonb_agg(jsonb_build_object('pattern', p.host_pattern, 'by', p.paused_by, 'since', p.since) order by p.host_pattern), '[]')
    from net.paused p
  ),
  'failures', (select coalesce(jsonb_agg(f order by f.created desc), '[]') from failures f)
)::text as now
