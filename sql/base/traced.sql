-- API: helper
-- Headers with the session's trace (net.traceparent, W3C Trace Context) in one of its name, unless they have one, be it null. One of zeros is
-- none: libraries without a span say it so. Raises when the setting is no traceparent.
create or replace function net.traced(headers jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  traceparent constant text := current_setting('net.traceparent', true);
begin
  -- Nothing but digits: in a function of another's, the caller's setting must not bring a header's text of his own, such as a secret's name.
  if traceparent !~ '^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'the setting net.traceparent must be as W3C Trace Context has it, 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, or empty';
  end if;
  if traceparent ~ '^..-(0{32}|.{33}0{16})'
    or exists (
      select
      from jsonb_object_keys(headers) key
      where lower(key collate "C") = 'traceparent'
    )
  then
    return headers;
  end if;
  return headers || jsonb_build_object('traceparent', traceparent);
end
$$;
