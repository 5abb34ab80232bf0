-- API: helper
-- Refuses a webhook whose request could never be sent, or whose URL is no expression over the table's row. As the caller: whatever it says in
-- SQL, it may do itself.
create or replace function net.check_webhook("table" regclass, settings jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  is_literal constant boolean := settings ->> 'url' ~* '^https?://';
  looked refcursor;
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
      sign_with => settings ->> 'sign_with'
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
  if settings ->> 'mode' = 'statement' and settings ->> 'condition' is not null then
    -- In the other mode create trigger looks at it.
    open looked for execute format(
      E'select from %1$s %2$s where false and (\n%3$s\n)',
      "table",
      case when settings -> 'events' ? 'insert' then 'new' else 'old' end,
      settings ->> 'condition');
    close looked;
  end if;
  if is_literal or coalesce(settings ->> 'url', settings ->> 'endpoint_condition') is null then
    return;
  end if;
  if settings -> 'events' ? 'truncate' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'a truncate has no row: give its webhook a URL that begins with http:// or https://, or endpoints without a condition';
  end if;
  -- One statement and no more: a cursor takes no other.
  begin
    open looked for execute case
      when settings ->> 'url' is not null
      then format(
        E'select (\n%1$s\n)::text from %2$s new cross join %2$s old cross join %2$s this where false', settings ->> 'url', "table")
      else format(
        E'select from %2$s new cross join %2$s old cross join %2$s this cross join %3$s endpoint where false and (\n%1$s\n)',
        settings ->> 'endpoint_condition', "table", settings ->> 'endpoints')
    end;
  exception
    when others then
      raise exception using
        errcode = 'invalid_parameter_value',
        message = format(
          case
            when settings ->> 'url' is null
            then 'endpoint_condition must be an expression over new, old, this (the row as it is) and endpoint: %s'
            else 'url must begin with http:// or https://, or be an expression over new, old and this (the row as it is): %s'
          end,
          sqlerrm);
  end;
  close looked;
end
$$;
