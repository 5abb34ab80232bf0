-- API: owner
-- Whether headers and body of each request are kept with its response, where its keep_request is null. Holds for what is answered from now on.
-- Granted to nobody: the owner's.
create or replace function net.set_keep_request(keep boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if keep is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'keep must be true or false';
  end if;
  update net.bridge_control c
  set keep_request = keep;
end
$$;
