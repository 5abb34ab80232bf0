-- Queues $2 requests in one transaction, in turn to the ports $1 of this machine, by scheme $3. Each body says when it was queued.
select count(
  net.http_post(
    $3::text || '://127.0.0.1:' || ($1::integer[])[1 + i % cardinality($1::integer[])]::text || '/',
    jsonb_build_object('queued', extract(epoch from clock_timestamp())::double precision)
  )
) as queued
from generate_series(1, $2::integer) i
