-- Moves the sequence of ids past each id that is still known: see sql/statements/advance_ids.sql, which does that for a bridge.
do $ids$
declare
  known constant bigint := greatest(
    (select pg_catalog.max(q.id) from net.http_request_queue q),
    (select pg_catalog.max(r.id) from net._http_response r),
    (select pg_catalog.max(d.id) from net.dead_letter d),
    (select pg_catalog.max(a.id) from net.attempts a)
  );
begin
  if known > coalesce(pg_catalog.pg_sequence_last_value('net.http_request_queue_id_seq'), 0) then
    perform pg_catalog.setval('net.http_request_queue_id_seq', known + 1000);
  end if;
end
$ids$;
