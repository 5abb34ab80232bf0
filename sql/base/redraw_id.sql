-- API: private
-- Part of an order of net.room_check: gives a request another id where its own is not above net.known_id, as the ids were set back (alter
-- sequence ... restart, truncate ... restart identity), and moves them on, past what waits as well. Mostly it was only overtaken: others drew
-- later, and were sent first. Who moves them takes a lock, as two could move them back; nobody waits for it, as it is held to a
-- commit, and anybody can hold it: it is tried for a while. Definer, as nobody else may move them. Index: http_request_queue_pkey, from its end.
create or replace function net.redraw_id()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant bigint := coalesce(pg_sequence_last_value('net.known_id'), 0);
  tries integer := 0;
begin
  while new.id <= known loop
    tries := tries + 1;
    if coalesce(pg_sequence_last_value('net.http_request_queue_id_seq'), 0) <= known
      and (tries > 100 or pg_try_advisory_xact_lock(1885826676, 2))
      and coalesce(pg_sequence_last_value('net.http_request_queue_id_seq'), 0) <= known
    then
      perform setval(
        'net.http_request_queue_id_seq', greatest(known, (select max(q.id) from net.http_request_queue q)) + 1000);
    elsif tries > 1 then
      perform pg_sleep(0.002);
    end if;
    new.id := nextval('net.http_request_queue_id_seq');
  end loop;
  return new;
end
$$;
