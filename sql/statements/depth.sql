-- How many requests are due, beside those in flight, for the metrics: exact up to $1 rows, so that its cost is bounded; the age of the oldest request that is
-- due and could be sent, over the first 200 lines (net.due_lines); the dead letters, up to $1; the bridges that are alive, and what is paused.
-- Indexes: http_request_queue_due_idx, counted, and entered once for each line; dead_letter_pkey; net.lease is as large as what is in flight,
-- hosts_pkey; net.bridges has a row for each bridge, and net.paused one for each pause.
with lines as materialized (
  select l.role::regrole as role, l.host
  from net.due_lines(0::oid, '{}', '{}', 200, '{}') l
  where not exists (
      select
      from net.paused p
      where net.host_matches(l.host, p.host_pattern)
    )
    and not exists (
      select
      from net.hosts h
      where h.host = l.host
        and h.breaker_open_until is not null
    )
),
oldest as (
  select max(clock_timestamp() - first.rank - first.priority::double precision * interval '10 seconds') as age
  from lines l
  cross join lateral (
    select q.rank, q.priority
    from net.http_request_queue q
    where q.queued_by = l.role
      and q.host = l.host
      and q.state = 'due'
      and q.id not in (
        select i.id
        from net.lease l
        cross join lateral unnest(l.ids) i (id)
      )
    order by q.rank, q.id
    limit 1
  ) first
)
select
  greatest(
    (
      select count(*)
      from (
        select
        from net.http_request_queue q
        where q.state = 'due'
        limit $1
      ) waiting
    )
    - (
      select coalesce(sum(cardinality(l.ids)), 0)
      from net.lease l
    ),
    0
  )::bigint as depth,
  coalesce((select extract(epoch from o.age) from oldest o), 0)::double precision as oldest_seconds,
  (
    select count(*)
    from (
      select
      from net.dead_letter d
      limit $1
    ) dead
  ) as dead_letters,
  (
    select count(*)
    from net.bridges b
    where b.seen > clock_timestamp() - interval '15 seconds'
  ) as bridges,
  (
    select count(*)
    from net.paused p
  ) as paused
