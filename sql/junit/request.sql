-- What has become of request $1, if it is known. Indexes: the primary keys, by net.requests.
select
  r.id,
  r.status,
  r.status in ('succeeded', 'failed', 'dead', 'cancelled') as ended,
  r.method,
  r.url,
  r.status_code,
  r.headers::text as headers,
  r.content,
  r.content_bytes,
  r.error_msg,
  r.attempt,
  r.max_attempts,
  coalesce(r.waits_for, case when r.status in ('scheduled', 'retrying') then r.not_before::text end) as waits_for
from net.requests r
where r.id = $1
