-- API: private
-- What somebody with the token of the admin port orders on the page: cancel or redeliver one request, pause or resume a host. Definer, as the
-- bridge's role owns no request: the order is then the owner's, whose reach is all. Gives how many requests or pauses it took.
-- Index: the primary keys.
create or replace function net.operate(action text, target text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  taken bigint;
begin
  case action
    when 'cancel' then
      insert into net.cancellation (ids)
      values (array[target::bigint])
      returning cancelled into taken;
    when 'redeliver' then
      insert into net.redelivery (ids)
      values (array[target::bigint])
      returning cardinality(new_ids) into taken;
    when 'pause' then
      taken := net.pause(target)::integer;
    when 'resume' then
      taken := net.resume(target)::integer;
    else
      raise exception using errcode = 'invalid_parameter_value', message = format('there is no action "%s"', action);
  end case;
  return taken;
end
$$;
