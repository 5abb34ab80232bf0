-- Up to ten requests that are to be sent now or are being sent, of all roles where the owner asks; not those whose time is yet to come.
-- Index: http_request_queue_pkey, read whole, as tests have few.
select
  r.id,
  r.status,
  r.method || ' ' || r.url as request,
  r.error_msg,
  r.waits_for
from net.my_request_ids m
join net.requests r on r.id = m.id
  and r.queued_by = m.queued_by
where r.finished is null
  and r.status not in ('scheduled', 'failed')
order by r.id
limit 10
