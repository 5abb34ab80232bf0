-- Moves the sequence of ids past each id that is still known, where it was set back (truncate ... restart identity, a copy without its
-- sequences), and net.known_id as well: else a new request would have the answer of an older one. One row, or none where nothing is known: the id
-- that the sequence was moved to, a thousand further, as others may draw ids and move it meanwhile; null where it was ahead.
-- Indexes: http_request_queue_pkey, _http_response_pkey, dead_letter_pkey, attempts_pkey, each from its end.
select
  case
    when k.id > coalesce(pg_sequence_last_value('net.http_request_queue_id_seq'), 0) then
      setval('net.http_request_queue_id_seq', k.id + 1000)
  end as id,
  net.raise_known_id(k.id)
from (
  select greatest(
    (select max(q.id) from net.http_request_queue q),
    (select max(r.id) from net._http_response r),
    (select max(d.id) from net.dead_letter d),
    (select max(a.id) from net.attempts a)
  ) as id
) k
where k.id is not null
