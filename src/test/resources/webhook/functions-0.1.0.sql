-- What net.create_webhook of 0.1.0 has made, as pg_dump writes it: it is in people's databases, and works with every later version of schema net.
CREATE OR REPLACE FUNCTION shop.pgnetty_bulk()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET standard_conforming_strings TO 'on'
 SET extra_float_digits TO '1'
 SET bytea_output TO 'hex'
 SET "IntervalStyle" TO 'postgres'
 SET "DateStyle" TO 'iso'
 SET "TimeZone" TO 'utc'
AS $function$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
  event json;
  packets refcursor;
  packet record;
begin
  if (
    select pg_get_userbyid(c.relowner) <> current_user
    from pg_class c
    where c.oid = tg_relid
  ) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'webhook "bulk" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  -- Planned each time, with as many rows as there are.
  open packets for execute case tg_op when 'INSERT' then '
      select json_agg(c.new_row order by c.n) filter (where c.new_row is not null) as records,
        json_agg(c.old_row order by c.n) filter (where c.old_row is not null) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / 1000
          + sum(octet_length(concat(c.new_row, c.old_row))) over (order by c.n) / 1000000 as packet
        from (
          select row_number() over () as n, row_to_json(new.*) as new_row, null::json as old_row from new_rows new 
        ) c
      ) c
      group by c.packet
      order by c.packet' when 'DELETE' then '
      select json_agg(c.new_row order by c.n) filter (where c.new_row is not null) as records,
        json_agg(c.old_row order by c.n) filter (where c.old_row is not null) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / 1000
          + sum(octet_length(concat(c.new_row, c.old_row))) over (order by c.n) / 1000000 as packet
        from (
          select row_number() over () as n, null::json as new_row, row_to_json(old.*) as old_row from old_rows old 
        ) c
      ) c
      group by c.packet
      order by c.packet' else '
      select json_agg(c.new_row order by c.n) filter (where c.new_row is not null) as records,
        json_agg(c.old_row order by c.n) filter (where c.old_row is not null) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / 1000
          + sum(octet_length(concat(c.new_row, c.old_row))) over (order by c.n) / 1000000 as packet
        from (
          select o.n, row_to_json(w.r) as new_row, row_to_json(o.r) as old_row
          from (select row_number() over () as n, pgnetty_row as r from old_rows pgnetty_row) o
          join (select row_number() over () as n, pgnetty_row as r from new_rows pgnetty_row) w on w.n = o.n
          where o.r operator(pg_catalog.*<>) w.r
        ) c
      ) c
      group by c.packet
      order by c.packet' end;
  loop
    fetch packets into packet;
    exit when not found;
  event := json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'records', packet.records, 'old_records', packet.old_records);
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed)
  values ('POST', 'https://a.example/bulk', '{"Content-Type": "application/json"}'::jsonb, case getdatabaseencoding() when 'UTF8' then convert_to((event)::text, 'UTF8') else net.json_bytes((event)::text) end, 5000, 10, 0, NULL, 'false', 'true');
  end loop;
  return null;
end
$function$
;
CREATE OR REPLACE FUNCTION shop.pgnetty_hooks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET standard_conforming_strings TO 'on'
 SET extra_float_digits TO '1'
 SET bytea_output TO 'hex'
 SET "IntervalStyle" TO 'postgres'
 SET "DateStyle" TO 'iso'
 SET "TimeZone" TO 'utc'
AS $function$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
  this record;
  target text;
  found_endpoint record;
  problem text;
  signer text;
  sent_headers jsonb;
  common_headers jsonb;
  document text;
begin
  if (
    select pg_get_userbyid(c.relowner) <> current_user
    from pg_class c
    where c.oid = tg_relid
  ) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'webhook "hooks" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  if tg_op = 'DELETE' then
    this := old;
  else
    this := new;
  end if;
  common_headers := '{"Content-Type": "application/cloudevents+json"}'::jsonb;
  document := json_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', concat_ws('/', '', net.url_encode(current_database()), net.url_encode(tg_table_schema), net.url_encode(tg_table_name)),
    'type', 'io.pgnetty.' || lower(tg_op), 'time', clock_timestamp(), 'datacontenttype', 'application/json', 'data', json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old)));
  for found_endpoint in
    select endpoint.url, endpoint.headers, endpoint.sign_with
    from shop.hook endpoint
    where endpoint.url is not null and endpoint.active and (endpoint.events is null or lower(tg_op) = any (endpoint.events))
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
    signer := coalesce(found_endpoint.sign_with, NULL);
    problem := coalesce(
      net.url_problem(net.without_user_info(target)),
      net.headers_problem(sent_headers),
      case when signer !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' then 'sign_with is no name of a secret' end);
    if problem is not null then
      raise warning using message = concat('trigger ', tg_name, ' passes over an endpoint: ', problem);
      continue;
    end if;
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed)
  values ('POST', target, sent_headers, case getdatabaseencoding() when 'UTF8' then convert_to(document, 'UTF8') else net.json_bytes(document) end, 5000, 10, 0, signer, 'false', 'true');
  end loop;
  return null;
end
$function$
;
CREATE OR REPLACE FUNCTION shop.pgnetty_plain()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET standard_conforming_strings TO 'on'
 SET extra_float_digits TO '1'
 SET bytea_output TO 'hex'
 SET "IntervalStyle" TO 'postgres'
 SET "DateStyle" TO 'iso'
 SET "TimeZone" TO 'utc'
AS $function$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
begin
  if (
    select pg_get_userbyid(c.relowner) <> current_user
    from pg_class c
    where c.oid = tg_relid
  ) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'webhook "plain" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed)
  values ('POST', 'https://a.example/plain', '{"Content-Type": "application/json"}'::jsonb, case getdatabaseencoding() when 'UTF8' then convert_to((json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old)))::text, 'UTF8') else net.json_bytes((json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old)))::text) end, 5000, 10, 0, NULL, 'false', 'true');
  return null;
end
$function$
;
CREATE OR REPLACE FUNCTION shop.pgnetty_row()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET standard_conforming_strings TO 'on'
 SET extra_float_digits TO '1'
 SET bytea_output TO 'hex'
 SET "IntervalStyle" TO 'postgres'
 SET "DateStyle" TO 'iso'
 SET "TimeZone" TO 'utc'
AS $function$
#variable_conflict use_column
-- Made by net.create_webhook: net.webhooks shows it, net.drop_webhook drops it.
declare
  event jsonb;
  this record;
  target text;
begin
  if (
    select pg_get_userbyid(c.relowner) <> current_user or exists (
      select
      from unnest('{id}'::text[]) x (name)
      where not exists (
        select
        from pg_attribute a
        where a.attrelid = c.oid
          and a.attname = x.name
          and not a.attisdropped
      )
    )
    from pg_class c
    where c.oid = tg_relid
  ) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'webhook "row" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  if tg_op = 'DELETE' then
    this := old;
  else
    this := new;
  end if;
  begin
    target := (
'https://a.example/' || new.note
    );
  exception
    when undefined_column or undefined_function or undefined_table or invalid_schema_name then
      raise exception using
        errcode = sqlstate,
        message = 'the URL of webhook "row": ' || sqlerrm,
        hint = 'Drop the webhook, net.drop_webhook, and make it again with what there is now.';
  end;
  if target is null then
    return null;
  end if;
  begin
    event := (json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', (select json_object_agg(e.key, e.value) from json_each(row_to_json(new)) e where e.key <> all ('{id}'::text[])), 'old_record', (select json_object_agg(e.key, e.value) from json_each(row_to_json(old)) e where e.key <> all ('{id}'::text[]))))::jsonb;
  exception
    when data_exception or program_limit_exceeded then
      raise exception using errcode = sqlstate, message = 'webhook "row" needs the row as jsonb: ' || sqlerrm;
  end;
  event := shop.same(event);
  if event is null then
    return null;
  end if;
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed)
  values ('POST', target, jsonb_build_object('ce-specversion', '1.0', 'ce-id', gen_random_uuid(), 'ce-source', replace(concat_ws('/', '', net.url_encode(current_database()), net.url_encode(tg_table_schema), net.url_encode(tg_table_name)), '%', '%25'),
    'ce-type', 'io.pgnetty.' || lower(tg_op), 'ce-time', to_jsonb(clock_timestamp())) || '{"Content-Type": "application/json"}'::jsonb, case getdatabaseencoding() when 'UTF8' then convert_to((event)::text, 'UTF8') else net.json_bytes((event)::text) end, 5000, 10, 0, NULL, 'false', 'true');
  return null;
end
$function$
;
CREATE TRIGGER pgnetty_bulk_insert AFTER INSERT ON shop.item REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION shop.pgnetty_bulk();
CREATE TRIGGER pgnetty_hooks_insert AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.pgnetty_hooks();
CREATE TRIGGER pgnetty_plain_insert AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.pgnetty_plain();
CREATE TRIGGER pgnetty_row_insert AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.pgnetty_row();
