-- API: public
-- Queues a dead letter again, with all its attempts and the Idempotency-Key that it had; gives the new request's id. Null:
-- it is no dead letter, or another role's. Index: the primary key.
create or replace function net.redeliver(request_id bigint)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ids bigint[];
begin
  insert into net.redelivery (ids)
  values (array[request_id])
  returning new_ids into ids;
  return ids[1];
end
$$;
