-- API: helper
-- Percent-encodes every byte but the unreserved characters of RFC 3986, section 2.3. The bytes are UTF-8; a SQL_ASCII
-- database has only bytes, and they are taken as they are.
-- The parameter's name is for an install from before step 11, which does not look at the steps: it cannot replace a function whose
-- parameter has another name, and PostgreSQL quotes this one.
-- Functions of webhooks call it, also those that an earlier version made: its name and arguments stay.
create or replace function net.url_encode("schema net is newer than this install: use a newer pgnetty" text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  value constant text := $1;
  bytes bytea;
begin
  if value ~ '^[A-Za-z0-9._~-]*$' then
    return value;
  end if;
  bytes := convert_to(value, case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end);
  return (
    select string_agg(
      case
        when b between 48 and 57 or b between 65 and 90 or b between 97 and 122 or b in (45, 46, 95, 126) then chr(b)
        else '%' || upper(lpad(to_hex(b), 2, '0'))
      end,
      '' order by i)
    from generate_series(0, length(bytes) - 1) i,
      get_byte(bytes, i) b
  );
end
$$;
