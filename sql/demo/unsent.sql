-- How many requests are to be sent by now, how many are being sent, and how many are left for later. Index: http_request_queue_pkey, read whole.
select
  count(*) filter (where m.status = 'queued' or m.status = 'retrying' and m.not_before <= clock_timestamp()) as due,
  count(*) filter (where m.status = 'in_flight') as in_flight,
  count(*) filter (where m.status in ('scheduled', 'blocked') or m.status = 'retrying' and m.not_before > clock_timestamp()) as later
from net.my_requests m
