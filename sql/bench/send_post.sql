-- What a sender does: one call to port $1.
select net.http_post(
  'http://127.0.0.1:' || $1::integer::text || '/',
  jsonb_build_object('queued', extract(epoch from clock_timestamp())::double precision)
) as id
