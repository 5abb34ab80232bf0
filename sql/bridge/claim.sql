-- Claims up to $1 requests for replica $3, under a lease of $2 (interval) on the database's clock, and not more than $5
-- bytes of bodies beyond the first. A body of more than $4 bytes stays in the database: such a request fails without being
-- sent. Hosts take turns: from the one after $6 on, around, up to $7 of them, each gives its share, its requests by rank.
-- Paused hosts give none. One row at least: the last host that had its turn, whether there may be more hosts, or more of theirs,
-- and nulls where nothing was claimed.
-- Index: http_request_queue_due_idx, entered once a host and read as far as is claimed; what it passes over is dead and not
-- yet vacuumed, or being claimed by others.
-- Locks: the claimed rows; those that another claim holds are skipped. The CTE keeps the limit in one place.
with recursive ahead (host) as (
  (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
      and q.host > $6
    order by q.host
    limit 1
  )
  union all
  select (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
      and q.host > a.host
    order by q.host
    limit 1
  )
  from ahead a
  where a.host is not null
),
behind (host) as (
  (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
      and q.host <= $6
    order by q.host
    limit 1
  )
  union all
  select (
    select q.host
    from net.http_request_queue q
    where q.lease_until is null
      and q.host > b.host
      and q.host <= $6
    order by q.host
    limit 1
  )
  from behind b
  where b.host is not null
),
visited as materialized (
  select v.host, row_number() over () as turn
  from (
    (
      select a.host
      from ahead a
      where a.host is not null
    )
    union all
    (
      select b.host
      from behind b
      where b.host is not null
    )
    limit $7
  ) v
),
open_hosts as materialized (
  select v.host, v.turn, ceil($1::numeric / (count(*) over ())::numeric)::integer as share
  from visited v
  where not exists (
    select
    from net.paused p
    where net.host_matches(v.host, p.host_pattern)
  )
),
due as materialized (
  select o.host, o.turn, o.share, r.id, r.size, row_number() over () as place
  from (
    select *
    from open_hosts
    order by turn
  ) o
  cross join lateral (
    select
      q.id,
      case when octet_length(q.body) <= $4 then octet_length(q.body) else 0 end as size
    from net.http_request_queue q
    where q.host = o.host
      and q.lease_until is null
    order by q.rank, q.id
    limit o.share
    for no key update skip locked
  ) r
  limit $1
),
-- In the order of the turns, so that a host's large bodies do not keep the others out.
fitting as materialized (
  select d.id, d.turn
  from (
    select due.id, due.turn, sum(due.size) over (order by due.place) - due.size as before
    from due
  ) d
  where d.before <= $5
),
claimed as (
  update net.http_request_queue q
  set attempt = q.attempt + 1,
    lease_until = clock_timestamp() + $2::interval,
    replica = $3
  from fitting
  where q.id = fitting.id
  returning q.*
)
select
  -- The last that had its turn: where the limit came first, the others behind it still have theirs to come.
  (
    select v.host
    from visited v
    where (select count(*) from fitting) < $1 and (select count(*) from fitting) = (select count(*) from due)
      or v.turn <= (select max(f.turn) from fitting f)
    order by v.turn desc
    limit 1
  ) as last_host,
  -- As many hosts as were asked for, or as many requests as one may give, or all that there is room for.
  (select count(*) from visited) >= $7
    or exists (
      select
      from due d
      group by d.host, d.share
      having count(*) >= d.share
    )
    or (select count(*) from due) > (select count(*) from fitting) as more,
  c.id,
  c.attempt,
  c.method,
  c.url,
  c.headers::text as headers,
  case when octet_length(c.body) <= $4 then c.body end as body,
  coalesce(octet_length(c.body), 0) as body_length,
  c.timeout_milliseconds,
  c.idempotency_key,
  c.max_attempts,
  c.failures,
  extract(epoch from clock_timestamp() - c.created)::double precision as waited_seconds
from (values (1)) one
left join claimed c on true
