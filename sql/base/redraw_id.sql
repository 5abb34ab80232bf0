-- API: private
-- Part of an order of net.room_check: gives a request another id where its own is not above net.known_id, as the ids were set back (alter
-- sequence ... restart, truncate ... restart identity), and moves them on. Mostly it was only overtaken: others drew later, and were
-- answered first. Takes no lock, as a sender would hold it to its commit: two that move the ids at once hardly move
-- them to the same place, and if one moves them back, the next call finds that again. Definer, as nobody else may move them.
create or replace function net.redraw_id()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant bigint := coalesce(pg_sequence_last_value('net.known_id'), 0);
begin
  while new.id <= known loop
    if coalesce(pg_sequence_last_value('net.http_request_queue_id_seq'), 0) <= known then
      perform setval('net.http_request_queue_id_seq', known + 1 + (random() * 10000)::bigint);
    end if;
    new.id := nextval('net.http_request_queue_id_seq');
  end loop;
  return new;
end
$$;
