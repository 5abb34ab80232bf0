-- The highest id that is known to be given: no answer, dead letter or attempt has a higher one. Its value alone counts, as that of net.limit_id:
-- each call reads it in a fraction of what a row costs, and draws another id where its own is not higher (see net.redraw_id).
-- So a queue whose ids were set back does not give a new request the answer of an older one. Not owned by that id: what restarts the
-- one sequence would restart the other.
create sequence if not exists net.known_id minvalue 0 owned by net.queue_limit.counted_id;

perform pg_catalog.setval('net.known_id', coalesce(pg_catalog.pg_sequence_last_value('net.http_request_queue_id_seq'), 0));

perform net.keep_private('{net.known_id}');

-- After a_stamp, before carry_out.
drop trigger if exists b_redraw on net.room_check;

create trigger b_redraw
instead of insert on net.room_check
for each row
execute function net.redraw_id();

-- Its parameter has another name now, see there. What a user has built on it keeps it as it is.
begin
  drop function if exists net.url_encode(text);
exception
  when dependent_objects_still_exist then
    raise exception using
      errcode = 'dependent_objects_still_exist',
      message = 'something of yours depends on net.url_encode(text), which is not public and is replaced',
      hint = 'drop function net.url_encode(text) says what it is: drop that, install, and make it again.';
end;
