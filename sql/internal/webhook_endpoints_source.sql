-- API: helper
-- In a webhook's function, the loop over its table of endpoints, up to what is queued for each; null where it has none. A row there of which no
-- request can be made is warned about and passed over: it must not stop all who write to the table.
create or replace function net.webhook_endpoints_source(settings jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
    $body$  for found_endpoint in
    select endpoint.url, $body$,
    case when columns ? 'headers' then 'endpoint.headers, ' else 'null::jsonb as headers, ' end,
    case when columns ? 'sign_with' then 'endpoint.sign_with' else 'null::text as sign_with' end,
    format(E'\n    from %s endpoint\n    where endpoint.url is not null', settings ->> 'endpoints'),
    case when columns ? 'active' then ' and endpoint.active' end,
    case when columns ? 'events' then ' and (endpoint.events is null or lower(tg_op) = any (endpoint.events))' end,
    E' and (\n' || (settings ->> 'endpoint_condition') || E'\n)',
    $body$
  loop
    target := found_endpoint.url;
    sent_headers := case jsonb_typeof(found_endpoint.headers)
      when 'object' then (
        select coalesce(jsonb_object_agg(h.key, h.value), '{}') || found_endpoint.headers
        from jsonb_each(common_headers) h
        where lower(h.key) <> all (array(select lower(k) from jsonb_object_keys(found_endpoint.headers) k))
      )
      else coalesce(found_endpoint.headers, common_headers)
    end;
    signer := coalesce(found_endpoint.sign_with, $body$, quote_nullable(settings ->> 'sign_with'), $body$);
    problem := coalesce(
      net.url_problem(net.without_user_info(target)),
      net.headers_problem(sent_headers),
      case when signer !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' then 'sign_with is no name of a secret' end);
    if problem is not null then
      raise warning using message = concat('trigger ', tg_name, ' passes over an endpoint: ', problem);
      continue;
    end if;
$body$
  )
  from (select settings -> 'endpoint_columns' as columns) c
  where settings ->> 'endpoints' is not null
$$;
