-- How many requests are due, beside those in flight, for the metrics: exact up to $1 rows, so that its cost is bounded; the age of the oldest request that is
-- due, over the first 200 hosts; and the dead letters, up to $1.
-- Indexes: http_request_queue_due_idx, counted, and entered once for each host; dead_letter_pkey; net.lease is as large as what is in flight.
with recursive hosts (host) as (
  (
    select q.host
    from net.http_request_queue q
    where q.state = 'due'
    order by q.host
    limit 1
  )
  union all
  select (
    select q.host
    from net.http_request_queue q
    where q.state = 'due'
      and q.host > h.host
    order by q.host
    limit 1
  )
  from hosts h
  where h.host is not null
),
oldest as (
  select max(clock_timestamp() - first.rank - first.priority::double precision * interval '10 seconds') as age
  from (
    select h.host
    from hosts h
    where h.host is not null
    limit 200
  ) h
  cross join lateral (
    select q.rank, q.priority
    from net.http_request_queue q
    where q.host = h.host
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
  ) as dead_letters
