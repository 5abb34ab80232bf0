-- API: helper
-- In a webhook's function, what gives event its value. As jsonb that may fail; its error is told without the row, which whoever writes may not be
-- allowed to read.
create or replace function net.webhook_assignment_source(settings jsonb, expression text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when settings ->> 'payload' is null then format(E'  event := %s;\n', expression)
    else format(
      $body$  begin
    event := %s;
  exception
    when data_exception or program_limit_exceeded then
      raise exception using errcode = sqlstate, message = %L || sqlerrm;
  end;
$body$, expression, format('webhook "%s" needs the row as jsonb: ', settings ->> 'webhook'))
  end
$$;
