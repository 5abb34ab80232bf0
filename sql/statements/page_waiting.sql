-- Requests that wait, for the page: up to $3 that fit, the newest first, of the newest 10,000; where $1 asks for those that are retried, of the
-- 1,000 of each role whose time comes next, 10,000 in all. $2 is part of a host, a URL or an error, or the id $5; empty fits all. URLs and errors
-- only where $4, up to 500 characters. Indexes: http_request_queue_pkey, http_request_queue_later_idx (entered once for each role), paused_pkey.
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
    select q.id, q.queued_by, q.host, q.url, q.error_msg, q.failures
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
      from net.roles_with('waiting') w (role)
      cross join lateral (
        select q.id, q.queued_by, q.host, q.url, q.error_msg, q.failures
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
  select q.id, q.queued_by, q.host, q.url, q.error_msg, q.failures
  from net.http_request_queue q
  where q.id = $5::bigint
),
chosen as (
  select distinct c.id, c.queued_by
  from candidates c
  where (not $1 or c.failures > 0)
    and (
      $2 = ''
      or c.id = $5::bigint
      or strpos(c.host, lower($2)) > 0
      or $4 and strpos(lower(c.url), lower($2)) > 0
      or $4 and strpos(lower(c.error_msg), lower($2)) > 0
    )
  order by c.id desc, c.queued_by
  limit $3
),
shown as (
  select
    q.id,
    q.queued_by::regrole::text as role,
    q.method,
    q.host,
    case when $4 then left(q.url, 500) end as url,
    q.created,
    q.due_at as not_before,
    q.attempt,
    q.failures,
    q.max_attempts,
    case when $4 then left(q.error_msg, 500) end as error,
    net.request_status(
      q.state,
      q.id in (select h.id from held h),
      q.failures,
      q.due_at,
      q.host in (select b.host from blocked b)
      or exists (
        select
        from net.paused p
        where p.host_pattern = any (net.patterns_of(q.host))
      )
    ) as status
  from chosen c
  join net.http_request_queue q on q.id = c.id
    and q.queued_by = c.queued_by
)
select coalesce(jsonb_agg(s order by s.id desc, s.role), '[]')::text as rows
from shown s
