-- The queue's limit as a number that costs a call next to nothing, and one trigger without a condition, which would be parsed
-- anew for each statement. Step 3 was in use in two other forms for a while: with a column for that number, a condition at
-- the bell and a trigger for the limit, which are taken away; and with this sequence, which is left.
drop trigger if exists room on net.http_request_queue;
drop function if exists net.room();
drop function if exists net.check_room();
drop trigger ring on net.http_request_queue;

create trigger ring
after insert on net.http_request_queue
for each statement
execute function net.notify_bridges();

alter table net.queue_limit
  drop column if exists limit_id;

-- Ids up to its value are within the limit of the queue for certain. A sequence, as calls read its value in a fraction of
-- what a row costs them; nobody takes the next one.
create sequence if not exists net.limit_id minvalue 0 owned by net.queue_limit.max_queued;

do $limit$
begin
  perform pg_catalog.setval('net.limit_id', greatest(l.counted_id + l.max_queued - l.counted, 0))
  from net.queue_limit l;
end
$limit$;

perform net.keep_private('{net.limit_id}');
