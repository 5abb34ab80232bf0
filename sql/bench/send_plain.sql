-- The same row for port $1 and scheme $2 into the same table, without a trigger and without a function of ours. Indexes: all of the queue's.
insert into net.bench_plain (method, url, headers, body, timeout_milliseconds, host, queued_by, created, attempt)
values (
  'POST',
  $2::text || '://127.0.0.1:' || $1::integer::text || '/',
  '{"Content-Type": "application/json"}',
  convert_to(jsonb_build_object('queued', extract(epoch from clock_timestamp())::double precision)::text, 'UTF8'),
  5000,
  '127.0.0.1:' || $1::integer::text,
  current_user::text::regrole,
  clock_timestamp(),
  0
)
returning id
