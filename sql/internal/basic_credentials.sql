-- API: helper
-- The value of an Authorization header for the user and password of a URL (RFC 7617), which are sent in UTF-8. A percent sign
-- that encodes nothing is itself.
create or replace function net.basic_credentials(user_info text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'Basic ' || translate(encode(string_agg(part, '' order by n) || case when strpos(user_info, ':') > 0 then '' else ':' end::bytea, 'base64'), chr(10), '')
  from (
    select
      n,
      case
        when m[1] ~ '^%[0-9A-Fa-f]{2}$' then decode(substr(m[1], 2), 'hex')
        else convert_to(m[1], case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end)
      end as part
    from regexp_matches(user_info, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g') with ordinality as matches (m, n)
  ) parts
$$;
