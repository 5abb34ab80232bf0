-- API: helper
-- Refuses a call that names nothing: it would reach everything, and is more often a mistake.
create or replace function net.need_filter(host text, since timestamptz, error text, until timestamptz)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nonnulls(host, since, error, until) = 0 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'give at least one of host, since, error and until',
      hint = 'host := ''*'' means all.';
  end if;
end
$$;
