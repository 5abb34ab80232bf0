-- Keeps request $1, whose answer to attempt $2 could not be stored for reason $3, out of every claim. It was sent, so it
-- must not be sent again by itself; it stays where its owner sees it.
-- Index: http_request_queue_pkey.
update net.http_request_queue q
set lease_until = 'infinity',
  rank = clock_timestamp(),
  error_msg = $3
where q.id = $1
  and q.attempt = $2
returning q.id
