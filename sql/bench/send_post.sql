-- What a sender does: one call to port $1, by scheme $2.
select net.http_post(
  $2::text || '://127.0.0.1:' || $1::integer::text || '/',
  jsonb_build_object('queued', extract(epoch from clock_timestamp())::double precision)
) as id
