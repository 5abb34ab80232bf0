-- API: helper
-- A host name with letters beyond ASCII, in its one ASCII form (RFC 3490, section 4.1); null where it has none. A database
-- that is not UTF8 refuses letters that only a normal form decides, such as those that are combined of several.
create or replace function net.idn_to_ascii(name text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  utf8 constant boolean := getdatabaseencoding() = 'UTF8';
  tables constant record := net.idna();
  points integer[];
  labels text[] := '{}';
  label integer[] := '{}';
begin
  points := net.code_points(name);
  -- Letters that are younger than the tables have no form there, also where a normal form of today makes them one that has.
  if points is null or tables.invalid @> any (points) then
    return null;
  end if;
  if utf8 then
    points := net.code_points(normalize(name, NFKC));
  end if;
  if not utf8 then
    -- Full-width letters are the one kind of these that people type.
    points := array(
      select case when p.point between 65281 and 65374 then p.point - 65248 else p.point end
      from unnest(points) with ordinality p (point, place)
      order by p.place
    );
    -- 768 to 879 are accents that stand for themselves.
    if tables.composed @> any (points) or '[768,880)'::int4range @> any (points) then
      return null;
    end if;
  end if;

  points := array(
    select m.point
    from unnest(points) with ordinality p (point, place)
    cross join lateral net.idna_fold(p.point, tables.folds, tables.expansions) with ordinality m (point, part)
    order by p.place, m.part
  );
  if utf8 then
    points := net.code_points(
      normalize((select coalesce(string_agg(chr(p.point), '' order by p.place), '') from unnest(points) with ordinality p (point, place)), NFKC));
  end if;
  if tables.invalid @> any (points) then
    return null;
  end if;

  for i in 1 .. cardinality(points) + 1 loop
    -- Its ASCII form is no shorter.
    if cardinality(label) > 63 then
      return null;
    end if;
    -- The full stops of other scripts are those of a name, too.
    if i > cardinality(points) or points[i] in (46, 12290, 65294, 65377) then
      labels := labels || case
        when 128 > all (label) then (select coalesce(string_agg(chr(p.point), '' order by p.place), '') from unnest(label) with ordinality p (point, place))
        else 'xn--' || net.punycode(label)
      end;
      label := '{}';
    else
      label := label || points[i];
    end if;
  end loop;
  return array_to_string(labels, '.');
end
$$;
