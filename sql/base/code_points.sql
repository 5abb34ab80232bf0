-- API: helper
-- The Unicode code points of a text; null where a SQL_ASCII database holds bytes that are not UTF-8.
create or replace function net.code_points(value text)
returns integer[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes constant bytea := convert_to(value, case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end);
  points integer[] := '{}';
  byte integer;
begin
  if not net.is_utf8(bytes) then
    return null;
  end if;
  for i in 0 .. length(bytes) - 1 loop
    byte := get_byte(bytes, i);
    if byte between 128 and 191 then
      points[cardinality(points)] := points[cardinality(points)] << 6 | (byte & 63);
    else
      points := points
        || case when byte < 128 then byte when byte < 224 then byte & 31 when byte < 240 then byte & 15 else byte & 7 end;
    end if;
  end loop;
  return points;
end
$$;
