-- API: private
-- Where a request with on_response or notify_channel leaves the queue with a response, in the same transaction: its function is to be called, and
-- whoever listens is told the id when that has committed.
create or replace function net.announce()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- By its primary key. One that was deleted, or forgotten after success, has none.
  if not exists (
    select
    from net._http_response r
    where r.id = old.id
      and r.queued_by = old.queued_by
  ) then
    return null;
  end if;
  if old.on_response is not null then
    insert into net.callback (id, queued_by, function)
    values (old.id, old.queued_by, old.on_response);
    perform net.tell_bridges();
  end if;
  if old.notify_channel is not null then
    perform pg_notify(old.notify_channel, old.id::text);
  end if;
  return null;
end
$$;
