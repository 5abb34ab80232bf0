-- How many requests are to be sent by now or are being sent, and how many are left for later. Index: http_request_queue_pkey, read whole.
select
  count(*) filter (where m.status in ('queued', 'in_flight')) as due,
  count(*) filter (where m.status not in ('queued', 'in_flight')) as later
from net.my_requests m
