-- API: private
-- Says that an id is given: before its request is sent, and in each transaction that enters an answer without that. See schema step 13. The
-- value of a sequence that was restarted is null.
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
