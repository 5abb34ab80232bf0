-- API: helper
-- What a code point is folded to, see net.idna: itself, another, several, or none.
create or replace function net.idna_fold(point integer, folds text, expansions text)
returns setof integer
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  found_range text;
begin
  if point < 128 then
    return next case when point between 65 and 90 then point + 32 else point end;
    return;
  end if;
  select r.range
  into found_range
  from regexp_split_to_table(folds, '[[:space:]]+') r (range)
  where point between split_part(r.range, '-', 1)::integer and split_part(split_part(r.range, '-', 2), '/', 1)::integer
    and (point - split_part(r.range, '-', 1)::integer) % split_part(split_part(r.range, '/', 2), ':', 1)::integer = 0;
  if found then
    return next point + split_part(found_range, ':', 2)::integer;
    return;
  end if;
  found_range := substring(expansions from '(?:^|[[:space:]])' || point || ':([0-9+]*)');
  if found_range is not null then
    return query
    select e.digits::integer
    from string_to_table(nullif(found_range, ''), '+') e (digits);
    return;
  end if;
  return next point;
end
$$;
