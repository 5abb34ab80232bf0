-- Dead letters, for the page: up to $2 that fit of the newest 10,000, the newest first. $1 is part of a host, a URL or an error, or the id $4; empty
-- fits all. URLs and errors only where $3. Indexes: dead_letter_died_idx, dead_letter_pkey.
with candidates as (
  (
    select d.*
    from net.dead_letter d
    order by d.died desc
    limit 10000
  )
  union all
  select d.*
  from net.dead_letter d
  where d.id = $4::bigint
),
shown as (
  select distinct on (c.died, c.id)
    c.id,
    c.queued_by::regrole::text as role,
    c.method,
    c.host,
    case when $3 then c.url end as url,
    c.created,
    c.died,
    c.status_code,
    c.failures,
    c.max_attempts,
    case when $3 then c.error_msg end as error,
    'dead' as status
  from candidates c
  where $1 = ''
    or c.id = $4::bigint
    or strpos(c.host, lower($1)) > 0
    or $3 and strpos(c.url, $1) > 0
    or $3 and strpos(lower(c.error_msg), lower($1)) > 0
  order by c.died desc, c.id
  limit $2
)
select coalesce(jsonb_agg(s order by s.died desc), '[]')::text as rows
from shown s
