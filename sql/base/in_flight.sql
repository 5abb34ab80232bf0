-- API: private
-- The requests that bridges hold. Index: none; net.lease is as large as that.
create or replace function net.in_flight()
returns bigint[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select i.id
    from net.lease l
    cross join lateral unnest(l.ids) i (id)
    where l.until > clock_timestamp()
  );
end
$$;
