-- Requests that are done, for the page: up to $3 that fit of the newest 10,000, the newest first; of those that failed alone where $1 asks for
-- them. $2 is part of an error, a status, or the id $5; empty fits all. URLs and errors only where $4. Indexes: _http_response_created_idx, _http_response_pkey.
with candidates as (
  (
    select r.id, r.queued_by, r.created, r.status_code, r.error_msg, r.failed, r.cancelled, r.same_as
    from net._http_response r
    order by r.created desc
    limit 10000
  )
  union all
  select r.id, r.queued_by, r.created, r.status_code, r.error_msg, r.failed, r.cancelled, r.same_as
  from net._http_response r
  where r.id = $5::bigint
),
shown as (
  select distinct on (c.created, c.id, c.queued_by)
    c.id,
    c.queued_by::regrole::text as role,
    c.created,
    c.status_code,
    case when $4 then left(c.error_msg, 500) end as error,
    case
      when c.cancelled then 'cancelled'
      when c.status_code is not null and not c.failed then 'succeeded'
      else 'failed'
    end as status
  from candidates c
  where c.same_as is null
    and (not $1 or ((c.status_code is null or c.failed) and not c.cancelled))
    and (
      $2 = ''
      or c.id = $5::bigint
      or c.status_code::text = $2
      or $4 and strpos(lower(c.error_msg), lower($2)) > 0
    )
  order by c.created desc, c.id, c.queued_by
  limit $3
)
select coalesce(jsonb_agg(s order by s.created desc), '[]')::text as rows
from shown s
