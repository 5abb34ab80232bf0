-- API: helper
-- The one name of a host, without a port: lower case, ASCII (IDN), no full stop at its end; an IPv4 address as four decimal
-- numbers, an IPv6 address in brackets as RFC 5952 writes it. Null where it is not a valid host. The same in Java
-- (config.HostName), by the vectors of host-names.txt.
create or replace function net.canonical_host(host text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  name text := host;
begin
  if left(name, 1) = '[' then
    -- PostgreSQL reads an address with less than four numbers at its end, too.
    if name !~ '^[[][0-9A-Fa-f:]{2,39}([0-9]{1,3}([.][0-9]{1,3}){3})?[]]$' or strpos(name, ':') = 0 then
      return null;
    end if;
    begin
      return '[' || host(substr(name, 2, length(name) - 2)::inet) || ']';
    exception
      when invalid_text_representation then
        return null;
    end;
  end if;
  if length(name) > 255 then
    return null;
  end if;
  if name ~ '[^!-~]' then
    name := net.idn_to_ascii(name);
  end if;
  name := lower(name collate "C");
  if right(name, 1) = '.' then
    name := left(name, -1);
  end if;
  if name is null
    or length(name) > 253
    or name !~ '^[!$&''()*+,;=0-9a-z._~-]+$'
    or exists (
      select
      from string_to_table(name, '.') label
      where length(label) not between 1 and 63
    )
  then
    return null;
  end if;
  return net.ipv4_of(name);
end
$$;
