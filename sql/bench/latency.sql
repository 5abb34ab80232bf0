-- How long it took from the queue to the record, by the body that came back: milliseconds at half and at 99 of 100. Reads all
-- responses, no index: the bench's own.
select
  count(*) as recorded,
  coalesce(percentile_cont(0.5) within group (order by l.millis), 0) as p50,
  coalesce(percentile_cont(0.99) within group (order by l.millis), 0) as p99
from (
  select
    (extract(epoch from r.created)::double precision - (r.content::jsonb ->> 'queued')::double precision)
      * 1000::double precision as millis
  from net._http_response r
  where r.status_code = 200
) l
