-- API: helper
-- The address that a host name is which ends in a number, as the resolvers and browsers read it (WHATWG URL, "IPv4 parser"):
-- one to four numbers, decimal, octal (0...) or hexadecimal (0x...), of which the last fills up. The host itself where it does
-- not end in a number; null where it does and is no address.
create or replace function net.ipv4_of(host text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  parts constant text[] := string_to_array(host, '.');
  count constant integer := cardinality(parts);
  part text;
  number bigint;
  address bigint := 0;
begin
  if parts[count] !~ '^([0-9]+|0x[0-9a-f]*)$' then
    return host;
  end if;
  if count > 4 then
    return null;
  end if;
  for i in 1 .. count loop
    part := parts[i];
    if part ~ '^0x[0-9a-f]{0,12}$' then
      number := ('x' || lpad(substr(part, 3), 16, '0'))::bit(64)::bigint;
    elsif part ~ '^0[0-7]{0,15}$' then
      number := 0;
      for d in 1 .. length(part) loop
        number := number * 8 + substr(part, d, 1)::integer;
      end loop;
    elsif part ~ '^[1-9][0-9]{0,11}$' then
      number := part::bigint;
    else
      return null;
    end if;
    if number >= (case when i < count then 256 else 1::bigint << 8 * (5 - count) end) then
      return null;
    end if;
    address := case when i < count then (address << 8) | number else (address << 8 * (5 - count)) | number end;
  end loop;
  return format('%s.%s.%s.%s', address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
end
$$;
