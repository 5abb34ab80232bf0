-- API: helper
-- Headers for a text body, which is sent in the database's encoding: where that is not UTF-8, a content type that names
-- no charset gets it. One that names another charset would lie about the bytes and is refused.
create or replace function net.text_headers(headers jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  content_type text := net.content_type(headers);
  named text := trim(both '"' from substring(content_type from '(?i);[[:space:]]*charset[[:space:]]*=[[:space:]]*([^;[:space:]]+)'));
begin
  if content_type is null or net.charset() is null then
    return headers;
  end if;
  if named is null then
    return case net.charset()
      when 'UTF-8' then headers
      else net.with_content_type(headers, content_type || '; charset=' || net.charset())
    end;
  end if;
  if lower(named) not in (lower(net.charset()), lower(getdatabaseencoding())) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('headers: Content-Type names charset %s, but body_text is sent in %s', named, net.charset()),
      hint = format('Leave the charset out, or send body_bytes := convert_to(..., %L).', named);
  end if;
  return headers;
end
$$;
