-- API: public
-- Drops a dead letter of the caller's own (the owner's reach is all): it is not redelivered any more, and what it held up goes on. False where
-- there is none.
create or replace function net.discard(request_id bigint)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ids bigint[];
begin
  insert into net.redelivery (ids, discard)
  values (array[request_id], true)
  returning new_ids into ids;
  return cardinality(ids) > 0;
end
$$;
