-- API: public
-- Takes back a request that is not being sent, or one that stayed because its answer could not be stored. True: it will not
-- be sent (again), and its result says who cancelled it, and whether an attempt before may have reached the target.
-- False: it is being sent or done, is another role's, or never was. Waits for nobody but a claim that is just happening.
-- Index: the primary key.
create or replace function net.cancel(request_id bigint)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  count bigint;
begin
  insert into net.cancellation (ids)
  values (array[request_id])
  returning cancelled into count;
  return count = 1;
end
$$;
