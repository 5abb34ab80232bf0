-- How much waits, for the metrics: exact up to $1 rows, so that its cost is bounded; the age of the oldest request that is
-- due, over the first 200 hosts; and the dead letters, up to $1.
-- Indexes: http_request_queue_due_idx, counted, and entered once a host; dead_letter_pkey.
with recursive hosts (host) as (
  (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
    order by q.host
    limit 1
  )
  union all
  select (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
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
      and q.lease_until is null
    order by q.rank, q.id
    limit 1
  ) first
)
select
  (
    select count(*)
    from (
      select
      from net.http_request_queue q
      where q.lease_until is null
      limit $1
    ) waiting
  ) as depth,
  coalesce((select extract(epoch from o.age) from oldest o), 0)::double precision as oldest_seconds,
  (
    select count(*)
    from (
      select
      from net.dead_letter d
      limit $1
    ) dead
  ) as dead_letters
