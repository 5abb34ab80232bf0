-- Dead letters, for the page: up to $2 that fit of the newest 10,000, the newest first. $1 is part of a host, a URL or an error, or the id $4; empty
-- fits all. URLs and errors only where $3, up to 500 characters. Indexes: dead_letter_died_idx, dead_letter_pkey.
with candidates as (
  (
    select d.id, d.queued_by, d.died, d.host, d.url, d.error_msg
    from net.dead_letter d
    order by d.died desc
    limit 10000
  )
  union all
  select d.id, d.queued_by, d.died, d.host, d.url, d.error_msg
  from net.dead_letter d
  where d.id = $4::bigint
),
chosen as (
  select distinct c.died, c.id, c.queued_by
  from candidates c
  where $1 = ''
    or c.id = $4::bigint
    or strpos(c.host, lower($1)) > 0
    or $3 and strpos(lower(c.url), lower($1)) > 0
    or $3 and strpos(lower(c.error_msg), lower($1)) > 0
  order by c.died desc, c.id, c.queued_by
  limit $2
),
shown as (
  select
    d.id,
    d.queued_by::regrole::text as role,
    d.method,
    d.host,
    case when $3 then left(d.url, 500) end as url,
    d.created,
    d.died,
    d.status_code,
    d.failures,
    d.max_attempts,
    case when $3 then left(d.error_msg, 500) end as error,
    'dead' as status
  from chosen c
  join net.dead_letter d on d.id = c.id
    and d.queued_by = c.queued_by
)
select coalesce(jsonb_agg(s order by s.died desc, s.id), '[]')::text as rows
from shown s
