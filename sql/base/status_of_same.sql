-- API: helper
-- In net.requests, the status of a request that was not sent as another has its idempotency_key: that one's. Stable, so that the view is read only
-- as far as it is asked for.
create or replace function net.status_of_same(request_id bigint)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.http_request_status(request_id);
end
$$;
