-- API: helper
-- Headers without those that frame a message or belong to one hop (RFC 9110, section 7.6.1), as people paste them from
-- other tools: the bridge sets them as each connection needs them. Headers that are no object are left for net.headers_problem.
create or replace function net.without_hop_headers(headers jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(headers) = 'object' then
      headers
        - coalesce(
          (
            select array_agg(key)
            from jsonb_object_keys(headers) key
            where lower(key collate "C") in (
              'connection', 'content-length', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding',
              'upgrade'
            )
          ),
          '{}'
        )
    else headers
  end
$$;
