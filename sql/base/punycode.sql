-- API: helper
-- Code points as Punycode (RFC 3492, section 6.3).
create or replace function net.punycode(points integer[])
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
  encoded text;
  basic constant integer := (select count(*) from unnest(points) p where p < 128);
  done integer;
  n integer := 128;
  delta integer := 0;
  bias integer := 72;
  next integer;
  point integer;
  q integer;
  k integer;
  t integer;
begin
  select coalesce(string_agg(chr(p.point), '' order by p.place), '')
  into encoded
  from unnest(points) with ordinality p (point, place)
  where p.point < 128;
  done := basic;
  if basic > 0 then
    encoded := encoded || '-';
  end if;
  while done < cardinality(points) loop
    next := (select min(p) from unnest(points) p where p >= n);
    delta := delta + (next - n) * (done + 1);
    n := next;
    foreach point in array points loop
      if point < n then
        delta := delta + 1;
      elsif point = n then
        q := delta;
        k := 36;
        loop
          t := least(greatest(k - bias, 1), 26);
          exit when q < t;
          encoded := encoded || substr(digits, t + (q - t) % (36 - t) + 1, 1);
          q := (q - t) / (36 - t);
          k := k + 36;
        end loop;
        encoded := encoded || substr(digits, q + 1, 1);
        -- The bias for the next one.
        delta := case when done = basic then delta / 700 else delta / 2 end;
        delta := delta + delta / (done + 1);
        k := 0;
        while delta > 455 loop
          delta := delta / 35;
          k := k + 36;
        end loop;
        bias := k + 36 * delta / (delta + 38);
        delta := 0;
        done := done + 1;
      end if;
    end loop;
    delta := delta + 1;
    n := n + 1;
  end loop;
  return encoded;
end
$$;
