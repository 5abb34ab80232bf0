-- API: helper
-- The body of a webhook's trigger function. Whoever changes a row pays for each step in it: it does what net.http_request would do, with what
-- is known beforehand. It runs as the table's owner, whoever changes a row; nobody else may execute it, or his own table
-- could send in the owner's name.
create or replace function net.webhook_source(settings jsonb, is_partitioned boolean)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_literal constant boolean := settings ->> 'url' ~* '^https?://';
  has_no_body constant boolean := settings ->> 'method' in ('GET', 'HEAD');
  excluded constant text := case
    when jsonb_array_length(settings -> 'exclude_columns') > 0
    then format(' - array(select jsonb_array_elements_text(%L))', settings -> 'exclude_columns')
  end;
  headers constant jsonb := case
    when settings ->> 'format' = 'cloudevents' then net.with_content_type(settings -> 'headers', 'application/cloudevents+json')
    when has_no_body then settings -> 'headers'
    else net.json_headers(settings -> 'headers', false)
  end;
begin
  return concat(
    $body$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
  this record;
  packets refcursor;
  packet record;
  found_endpoint record;
  problem text;
  target text;
  event jsonb;
  signer text := $body$, quote_nullable(settings ->> 'sign_with'), $body$;
  sent_headers jsonb;
  common_headers jsonb := $body$, quote_literal(headers), $body$;
  table_name text := tg_table_name;
  schema_name text := tg_table_schema;
begin
$body$,
    case when is_partitioned then $body$  if tg_level = 'ROW' then
    select c.relname, c.relnamespace::regnamespace::name
    into table_name, schema_name
    from pg_class c
    where c.oid = coalesce(pg_partition_root(tg_relid), tg_relid);
  end if;
$body$ end,
    -- What is in SQL finds these: new, old, and this, the row as it is, also in a delete.
    case when not coalesce(is_literal, false) and settings ->> 'mode' = 'row' then $body$  if tg_op = 'DELETE' then
    this := old;
  else
    this := new;
  end if;
$body$ end,
    case
      when is_literal then format(E'  target := %L;\n', settings ->> 'url')
      when settings ->> 'url' is not null then concat(
        $body$  begin
    target := (
$body$, settings ->> 'url', $body$
    );
  exception
    when undefined_column or undefined_function or undefined_table or invalid_schema_name then
      raise exception using
        errcode = sqlstate,
        message = $body$, quote_literal(format('the URL of webhook "%s": ', settings ->> 'webhook')), $body$ || sqlerrm,
        hint = 'Drop the webhook, net.drop_webhook, and make it again with what there is now.';
  end;
  if target is null then
    return null;
  end if;
$body$)
    end,
    coalesce(
      net.webhook_packets_source(settings, excluded),
      format($body$  event := jsonb_build_object('type', tg_op, 'table', table_name, 'schema', schema_name,
    'record', to_jsonb(new)%1$s, 'old_record', to_jsonb(old)%1$s);
$body$, excluded)),
    case when settings ->> 'payload' is not null then format($body$  event := %s(event);
  if event is null then
    %s;
  end if;
$body$, settings ->> 'payload', case settings ->> 'mode' when 'statement' then 'continue' else 'return null' end) end,
    case settings ->> 'format'
      when 'cloudevents' then $body$  event := jsonb_build_object('specversion', '1.0', 'id', gen_random_uuid(),
    'source', concat_ws('/', '', net.url_encode(current_database()), net.url_encode(schema_name), net.url_encode(table_name)),
    'type', 'io.pgnetty.' || lower(tg_op), 'time', clock_timestamp(), 'datacontenttype', 'application/json', 'data', event);
$body$
      when 'cloudevents-binary' then $body$  common_headers := jsonb_build_object('ce-specversion', '1.0', 'ce-id', gen_random_uuid(),
    'ce-source', concat_ws('/', '', net.url_encode(current_database()), net.url_encode(schema_name), net.url_encode(table_name)),
    'ce-type', 'io.pgnetty.' || lower(tg_op), 'ce-time', to_jsonb(clock_timestamp())) || common_headers;
$body$
    end,
    net.webhook_endpoints_source(settings),
    format(
      $body$  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed)
  values (%L, target, %s, %s, %L, %L, %L, signer, %L, %L);
$body$,
      settings ->> 'method',
      case when settings ->> 'endpoints' is not null then 'sent_headers' else 'common_headers' end,
      case
        when has_no_body then 'null'
        else 'case getdatabaseencoding() when ''UTF8'' then convert_to(event::text, ''UTF8'') else net.json_body(event) end'
      end,
      settings ->> 'timeout_milliseconds', settings ->> 'max_attempts', settings ->> 'priority',
      coalesce(settings ->> 'fire_and_forget', 'false'),
      coalesce(settings ->> 'keep_failed', ((settings ->> 'max_attempts')::integer > 1)::text)),
    case when settings ->> 'endpoints' is not null then E'  end loop;\n' end,
    case when settings ->> 'mode' = 'statement' then E'  end loop;\n' end,
    $body$  return null;
end
$body$
  );
end
$$;
