-- API: helper
-- Whether net.check_request has nothing to say of these options, of which one is given at least.
create or replace function net.plain_options(ordering_key text, keep_sent interval)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(length(ordering_key) between 1 and 512, true)
    and coalesce(keep_sent between '1 second' and '366 days', true);
end
$$;
