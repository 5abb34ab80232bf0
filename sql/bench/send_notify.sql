-- As send_plain, and a notification with each. Indexes: all of the queue's.
with queued as (
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
)
select q.id, pg_notify('pgnetty_bench', '') as rung
from queued q
