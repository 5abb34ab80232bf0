-- API: helper
-- The body of a webhook's trigger function. Whoever changes a row pays for each step in it, as each is prepared again in each transaction: so
-- the usual webhook is one statement, which does what net.http_request would do, with what is known beforehand. It runs as the table's
-- owner, whoever changes a row; nobody else may execute it, or his own table could send in the owner's name.
create or replace function net.webhook_source(settings jsonb, is_partitioned boolean)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_literal constant boolean := coalesce(settings ->> 'url' ~* '^https?://', false);
  has_endpoints constant boolean := settings ->> 'endpoints' is not null;
  is_bulk constant boolean := settings ->> 'mode' = 'statement';
  has_no_body constant boolean := upper(settings ->> 'method') in ('GET', 'HEAD');
  is_binary constant boolean := settings ->> 'format' = 'cloudevents-binary';
  has_event constant boolean := is_bulk or settings ->> 'payload' is not null;
  names constant text := case
    when is_partitioned then $body$'table', table_name, 'schema', schema_name$body$
    else $body$'table', tg_table_name, 'schema', tg_table_schema$body$
  end;
  -- The event's source, as CloudEvents have it.
  source constant text := format(
    $body$concat_ws('/', '', net.url_encode(current_database()), net.url_encode(%s), net.url_encode(%s))$body$,
    case when is_partitioned then 'schema_name' else 'tg_table_schema' end,
    case when is_partitioned then 'table_name' else 'tg_table_name' end);
  row_event constant text := net.webhook_event_source(
    settings, names, net.webhook_row_source(settings, 'new'), net.webhook_row_source(settings, 'old'));
  headers text := quote_literal(case
    when has_no_body then settings -> 'headers'
    when settings ->> 'format' = 'cloudevents' then net.with_content_type(settings -> 'headers', 'application/cloudevents+json')
    else net.json_headers(settings -> 'headers', false)
  end) || '::jsonb';
  event text := case when has_event then 'event' else row_event end;
begin
  if settings ->> 'format' = 'cloudevents' then
    event := format($body$json_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', %s,
    'type', 'io.pgnetty.' || lower(tg_op), 'time', clock_timestamp(), 'datacontenttype', 'application/json', 'data', %s)$body$, source, event);
  elsif is_binary then
    headers := format($body$jsonb_build_object('ce-specversion', '1.0', 'ce-id', gen_random_uuid(), 'ce-source', replace(%s, '%%', '%%25'),
    'ce-type', 'io.pgnetty.' || lower(tg_op), 'ce-time', to_jsonb(clock_timestamp())) || %s$body$, source, headers);
  end if;
  return concat(
    $body$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
$body$,
    case when has_event then format(E'  event %s;\n', case when settings ->> 'payload' is null then 'json' else 'jsonb' end) end,
    case when is_bulk then E'  packets refcursor;\n  packet record;\n' end,
    case when not is_literal then E'  this record;\n  target text;\n' end,
    case when has_endpoints then
      E'  found_endpoint record;\n  problem text;\n  signer text;\n  sent_headers jsonb;\n  common_headers jsonb;\n  document text;\n'
    end,
    case when is_partitioned then E'  table_name text := tg_table_name;\n  schema_name text := tg_table_schema;\n' end,
    E'begin\n',
    net.webhook_guard_source(settings, is_partitioned),
    case when is_partitioned then $body$  if tg_level = 'ROW' then
    select c.relname, n.nspname
    into table_name, schema_name
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.oid = coalesce(pg_partition_root(tg_relid), tg_relid);
  end if;
$body$ end,
    -- What is in SQL finds these: new, old, and this, the row as it is, also in a delete.
    case when not is_literal and not is_bulk then $body$  if tg_op = 'DELETE' then
    this := old;
  else
    this := new;
  end if;
$body$ end,
    net.webhook_url_source(settings),
    net.webhook_packets_source(settings, names),
    case when has_event and not is_bulk then net.webhook_assignment_source(settings, row_event) end,
    case when settings ->> 'payload' is not null then format($body$  event := %s(event);
  if event is null then
    %s;
  end if;
$body$, settings ->> 'payload', case when is_bulk then 'continue' else 'return null' end) end,
    -- The same for each of them.
    case when has_endpoints then format(E'  common_headers := %s;\n  document := %s;\n', headers, event) end,
    net.webhook_endpoints_source(settings),
    format(
      $body$  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed%s)
  values (%L, %s, %s, %s, %s, %s, %s, %s, %L, %L%s);
$body$,
      net.webhook_delivery_source(settings, 'columns'),
      settings ->> 'method',
      case when is_literal then quote_literal(settings ->> 'url') else 'target' end,
      case when has_endpoints then 'sent_headers' else headers end,
      case
        when has_no_body then 'null'
        else format(
          'case getdatabaseencoding() when ''UTF8'' then convert_to(%1$s, ''UTF8'') else net.json_bytes(%1$s) end',
          case when has_endpoints then 'document' else format('(%s)::text', event) end)
      end,
      settings ->> 'timeout_milliseconds', settings ->> 'max_attempts', settings ->> 'priority',
      case when has_endpoints then 'signer' else quote_nullable(settings ->> 'sign_with') end,
      coalesce(settings ->> 'fire_and_forget', 'false'),
      coalesce(settings ->> 'keep_failed', ((settings ->> 'max_attempts')::integer > 1)::text),
      net.webhook_delivery_source(settings || jsonb_build_object('partitioned', is_partitioned), 'values')),
    case when has_endpoints then E'  end loop;\n' end,
    case when is_bulk then E'  end loop;\n' end,
    E'  return null;\nend\n'
  );
end
$$;
