-- API: private
-- Says that an id is given: in each transaction that enters an answer, before anybody can see it. See schema step 13.
create or replace function net.raise_known_id(id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if id > pg_sequence_last_value('net.known_id') then
    perform setval('net.known_id', id);
  end if;
end
$$;
