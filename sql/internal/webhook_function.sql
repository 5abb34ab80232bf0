-- API: helper
-- The function of a webhook that the caller may change; null where there is none, or where it is not asked for one alone.
-- Index: pg_proc_proname_args_nsp_index; pg_trigger is small.
create or replace function net.webhook_function(name text, "table" regclass)
returns regprocedure
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found_functions constant oid[] := array(
    select p.oid
    from pg_proc p
    where p.proname = 'pgnetty_' || webhook_function.name
      and net.webhook_settings(p.oid) ->> 'webhook' = webhook_function.name
      and pg_has_role(p.proowner, 'usage')
      and (
        webhook_function.table is null
        or exists (
          select
          from pg_trigger t
          where t.tgfoid = p.oid
            and t.tgrelid = webhook_function.table
        )
      )
  );
begin
  if cardinality(found_functions) > 1 then
    raise exception using
      errcode = 'ambiguous_function',
      message = format('there are %s webhooks %s: say of which table', cardinality(found_functions), to_json(name));
  end if;
  return found_functions[1];
end
$$;
