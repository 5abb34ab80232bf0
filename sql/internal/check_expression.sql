-- API: helper
-- Refuses what is not one expression in SQL over new, old and this, and over endpoint where there are any. It is parsed and never planned: planning
-- would run functions of the table's owner. Between two kinds of brackets, so that nothing closes one of them and goes on.
create or replace function net.check_expression("table" regclass, settings jsonb, argument text, template text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set check_function_bodies = on
as $$
declare
  expression constant text := settings ->> argument;
  -- Of that name there is none yet.
  checked constant text := (
    select format('%I.%I', n.nspname, 'pgnetty_' || (settings ->> 'webhook'))
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.oid = "table"
  );
  relations constant text := concat(
    format('%1$s new cross join %1$s old cross join %1$s this', "table"),
    ' cross join ' || (settings ->> 'endpoints') || ' endpoint');
begin
  if expression is null then
    return;
  end if;
  if expression ~* 'pg_temp' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('%s must not name pg_temp: that is another schema in each session', argument);
  end if;
  execute format(
    'create function %s() returns void language sql as %L',
    checked,
    format(template || E';\nselect array[\n%1$s\n] from %2$s', expression, relations));
  execute format('drop function %s', checked);
exception
  when syntax_error_or_access_rule_violation or invalid_schema_name or data_exception or feature_not_supported then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format(
        case
          when argument = 'url'
          then 'url must begin with http:// or https://, or be an expression over new, old and this (the row as it is): %s'
          else argument || ' must be an expression over new and old: %s'
        end,
        sqlerrm);
end
$$;
