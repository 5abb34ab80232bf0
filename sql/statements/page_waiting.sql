-- Requests that wait, for the page: up to $3 that fit, the newest first, of the newest 10,000; where $1 asks for those that are retried, of the
-- 1,000 of each role whose time comes next, 10,000 in all. $2 is part of a host, a URL or an error, or the id $5; empty fits all. URLs and errors
-- only where $4. Indexes: http_request_queue_pkey, http_request_queue_later_idx (entered once for each role).
with held as materialized (
  select i.id
  from net.lease l
  cross join lateral unnest(l.ids) i (id)
  where l.until > clock_timestamp()
),
blocked as materialized (
  select h.host
  from net.hosts h
  where h.breaker_open_until is not null
),
candidates as (
  (
    select q.*
    from net.http_request_queue q
    where not $1
    order by q.id desc
    limit 10000
  )
  union all
  (
    select n.*
    from (
      select q.*
      from net.waiting_roles() w (role)
      cross join lateral (
        select q.*
        from net.http_request_queue q
        where q.state = 'waiting'
          and q.queued_by = w.role
        order by q.due_at
        limit 1000
      ) q
      limit 10000
    ) n
    where $1
      and n.failures > 0
  )
  union all
  select q.*
  from net.http_request_queue q
  where q.id = $5::bigint
),
shown as (
  select distinct on (c.id, c.queued_by)
    c.id,
    c.queued_by::regrole::text as role,
    c.method,
    c.host,
    case when $4 then c.url end as url,
    c.created,
    c.due_at as not_before,
    c.attempt,
    c.failures,
    c.max_attempts,
    case when $4 then c.error_msg end as error,
    net.request_status(
      c.state,
      c.id in (select h.id from held h),
      c.failures,
      c.due_at,
      c.host in (select b.host from blocked b)
      or exists (
        select
        from net.paused p
        where net.host_matches(c.host, p.host_pattern)
      )
    ) as status
  from candidates c
  where (not $1 or c.failures > 0)
    and (
      $2 = ''
      or c.id = $5::bigint
      or strpos(c.host, lower($2)) > 0
      or $4 and strpos(c.url, $2) > 0
      or $4 and strpos(lower(c.error_msg), lower($2)) > 0
    )
  order by c.id desc, c.queued_by
  limit $3
)
select coalesce(jsonb_agg(s order by s.id desc), '[]')::text as rows
from shown s
