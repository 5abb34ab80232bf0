-- API: helper
-- Refuses a webhook whose request could never be sent, or that says in SQL what is no expression over the table's row. As the table's owner.
create or replace function net.check_webhook("table" regclass, settings jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  is_literal constant boolean := coalesce(settings ->> 'url' ~* '^https?://', false);
  hint text;
begin
  if num_nonnulls(settings ->> 'url', settings ->> 'endpoints') <> 1
    or settings ->> 'endpoint_condition' is not null and settings ->> 'endpoints' is null
  then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'a webhook has either a url, which must not be null, or endpoints, which an endpoint_condition may choose from';
  end if;
  begin
    perform net.http_request(
      method => settings ->> 'method',
      url => case when is_literal then settings ->> 'url' else 'https://example.com/' end,
      body => '{}',
      headers => settings -> 'headers',
      timeout_milliseconds => (settings ->> 'timeout_milliseconds')::integer,
      max_attempts => (settings ->> 'max_attempts')::integer,
      priority => (settings ->> 'priority')::integer,
      sign_with => settings ->> 'sign_with',
      keep_failed => coalesce((settings ->> 'keep_failed')::boolean, (settings ->> 'max_attempts')::integer > 1),
      ordering_key => settings ->> 'ordering_key',
      on_dead => settings ->> 'on_dead',
      on_response => (settings ->> 'on_response')::regprocedure,
      notify_channel => settings ->> 'notify_channel',
      keep_sent => (settings ->> 'keep_sent')::interval
    );
    raise exception using errcode = 'PN001', message = 'it is not to be sent';
  exception
    when sqlstate 'PN001' then
      null;
    when others then
      -- Without the lines of all that it has come through.
      get stacked diagnostics hint := pg_exception_hint;
      if hint = '' then
        raise exception using errcode = sqlstate, message = sqlerrm;
      end if;
      raise exception using errcode = sqlstate, message = sqlerrm, hint = hint;
  end;
  if not is_literal and settings -> 'events' ? 'truncate' and (settings ->> 'url' is not null or settings ->> 'endpoint_condition' is not null)
  then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'a truncate has no row: give its webhook a URL that begins with http:// or https://, or endpoints without a condition';
  end if;
  if not is_literal then
    perform net.check_expression("table", settings, 'url', E'select (\n%1$s\n)::text from %2$s');
  end if;
  perform net.check_expression("table", settings, 'condition', E'select from %2$s where (\n%1$s\n)');
  perform net.check_expression("table", settings, 'endpoint_condition', E'select from %2$s where (\n%1$s\n)');
end
$$;
