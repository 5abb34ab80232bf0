-- API: private
-- Says that an id is given: before its request is sent, and in each transaction that enters an answer without that. See schema step 13. The
-- value of a sequence that was restarted is null. Two that raise it at once may leave it at the lower one, until the next: a lock would hold up
-- each claim, and only ids that are set back in that moment would meet it.
create or replace function net.raise_known_id(id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if id > coalesce(pg_sequence_last_value('net.known_id'), 0) then
    perform setval('net.known_id', id);
  end if;
end
$$;
