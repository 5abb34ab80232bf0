-- API: helper
-- The function of a webhook that the caller may change: of one on a table that it owns, and, where the table is gone, of its own. Null where
-- there is none. Index: pg_proc_proname_args_nsp_index; pg_trigger is small.
create or replace function net.webhook_function(name text, "table" regclass)
returns regprocedure
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found_functions oid[];
begin
  select array_agg(f.function)
  into found_functions
  from (
    select p.oid as function, rank() over (order by t.fits desc) as place
    from pg_proc p
    cross join lateral (
      select
        count(*) as tables,
        count(*) filter (where o.is_own) as own,
        -- One of another owner's is of a table that has changed hands, or forged by somebody who may make triggers there.
        coalesce(bool_or(o.is_own and c.relowner = p.proowner), false) as fits
      from pg_trigger t
      join pg_class c on c.oid = t.tgrelid
      cross join lateral (
        select pg_has_role(c.relowner, 'usage') and (webhook_function.table is null or webhook_function.table = c.oid) as is_own
      ) o
      where t.tgfoid = p.oid
    ) t
    where p.proname = 'pgnetty_' || webhook_function.name
      and net.webhook_settings(p.oid) ->> 'webhook' = webhook_function.name
      and (
        t.own > 0
        or t.tables = 0
          and webhook_function.table is null
          and pg_has_role(p.proowner, 'usage')
      )
  ) f
  where f.place = 1;
  if cardinality(found_functions) > 1 then
    raise exception using
      errcode = 'ambiguous_function',
      message = format('there are %s webhooks %s: say of which table', cardinality(found_functions), to_json(name));
  end if;
  return found_functions[1];
end
$$;
