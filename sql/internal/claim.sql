-- API: private
-- What bridges call that were made for the schema before its sixth step. They would claim by changing requests, and write back
-- without a lease: they claim nothing any more, and their log says why.
create or replace function net.claim(
  max_requests integer,
  lease interval,
  claimer uuid,
  max_body bigint,
  max_bytes bigint,
  after_host text,
  max_hosts integer
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'undefined_function',
    message = 'schema net is newer than this bridge: replace the bridge with the version that installed the schema';
end
$$;
