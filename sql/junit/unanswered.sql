-- Up to ten requests that are to be sent now or are being sent, of all roles where the owner asks; not those whose time is yet to come.
-- Index: http_request_queue_pkey, read whole, as tests have few.
select
  m.id,
  m.status,
  m.method || ' ' || net.mask_url(m.url) as request,
  m.error_msg,
  m.held_by
from net.my_requests m
where m.status <> 'scheduled'
order by m.id
limit 10
