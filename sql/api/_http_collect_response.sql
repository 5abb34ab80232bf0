-- API: public
-- http_get_result under a later name of pg_net's.
create or replace function net._http_collect_response(
  request_id bigint,
  async boolean default true,
  timeout_milliseconds integer default null
)
returns net.http_response_result
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.http_get_result(request_id, async, timeout_milliseconds);
end
$$;
