-- API: helper
-- Refuses what is not one expression in SQL over new, old and this, and over endpoint where there are any. It is parsed and never planned or run.
-- Between two kinds of brackets, so that nothing closes one of them and goes on. As the table's owner, who has said it.
create or replace function net.check_expression("table" regclass, settings jsonb, argument text, template text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set check_function_bodies = on
as $$
declare
  expression constant text := settings ->> argument;
  checked constant text := (
    select format('%I.%I', n.nspname, 'pgnetty_' || (settings ->> 'webhook') || '_check')
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
  if expression ~* 'pg_temp' or exists (
    select
    from pg_class c
    where c.relnamespace = pg_my_temp_schema()
      and (
        lower(c.relname) = any (regexp_split_to_array(lower(expression), '[^a-z0-9_$]+'))
        or c.relname !~ '^[A-Za-z_][A-Za-z0-9_$]*$' and strpos(expression, c.relname) > 0
      )
  ) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('%s must not name pg_temp, or what is temporary: that is something else in each session', argument);
  end if;
  begin
    execute format(
      'create function %s() returns void language sql as %L',
      checked,
      format(template || E';\nselect array[\n%1$s\n] from %2$s', expression, relations));
    execute format('drop function %s', checked);
  exception
    when syntax_error or undefined_column or undefined_function or undefined_table or undefined_object or undefined_parameter
      or ambiguous_column or ambiguous_function or ambiguous_alias or datatype_mismatch or cannot_coerce or indeterminate_datatype
      or wrong_object_type or grouping_error or windowing_error or invalid_schema_name or data_exception or feature_not_supported then
      raise exception using
        errcode = 'invalid_parameter_value',
        message = format(
          case
            when argument = 'url'
            then 'url must begin with http:// or https://, or be an expression over new, old and this (the row as it is): %s'
            else argument || ' must be an expression over new and old: %s'
          end,
          sqlerrm);
  end;
end
$$;
