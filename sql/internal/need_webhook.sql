-- API: helper
-- The function of a webhook that the caller may change, or an error.
create or replace function net.need_webhook(name text, "table" regclass)
returns regprocedure
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_function constant regprocedure := net.webhook_function(name, "table");
begin
  if found_function is null then
    raise exception using
      errcode = 'undefined_object',
      message = format('there is no webhook %s%s of yours', to_json(name), ' on ' || "table"::text),
      hint = 'select * from net.webhooks shows those that there are.';
  end if;
  return found_function;
end
$$;
