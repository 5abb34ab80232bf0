-- What net.create_webhook of 0.1.0 has made since requests have an ordering_key, as pg_dump writes it: it is in people's databases, and works
-- with every later version of schema net.
CREATE OR REPLACE FUNCTION shop.pgnetty_each()
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
      message = 'webhook "each" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  if tg_op = 'DELETE' then
    this := old;
  else
    this := new;
  end if;
  common_headers := '{"Content-Type": "application/json"}'::jsonb;
  document := json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old));
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
    fire_and_forget, keep_failed, webhook, webhook_table, ordering_key, keep_sent)
  values ('POST', target, sent_headers, case getdatabaseencoding() when 'UTF8' then convert_to(document, 'UTF8') else net.json_bytes(document) end, 5000, 10, 0, signer, 'false', 'true', 'each', tg_relid, net.webhook_key('each', tg_relid, (case tg_op when 'DELETE' then old.note else new.note end)::text, target), '01:00:00');
  end loop;
  return null;
end
$function$
;
COMMENT ON FUNCTION shop.pgnetty_each() IS '{"url": null, "mode": "row", "batch": 1000, "events": ["insert"], "format": "row", "method": "POST", "columns": null, "headers": {}, "on_dead": "skip", "payload": null, "webhook": "each", "priority": 0, "condition": null, "endpoints": "shop.hook", "keep_sent": "01:00:00", "sign_with": null, "in_replica": false, "batch_bytes": 1000000, "keep_failed": null, "on_response": null, "max_attempts": 10, "ordering_key": "note", "notify_channel": null, "exclude_columns": [], "fire_and_forget": false, "endpoint_columns": ["url", "headers", "sign_with", "active", "events"], "endpoint_condition": null, "timeout_milliseconds": 5000}';
CREATE TRIGGER pgnetty_each_insert AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.pgnetty_each();

CREATE OR REPLACE FUNCTION shop.pgnetty_keyed()
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
      message = 'webhook "keyed" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, priority, sign_with,
    fire_and_forget, keep_failed, webhook, webhook_table, ordering_key, on_dead, notify_channel, keep_sent)
  values ('POST', 'http://a.example/keyed', '{"Content-Type": "application/json"}'::jsonb, case getdatabaseencoding() when 'UTF8' then convert_to((json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old)))::text, 'UTF8') else net.json_bytes((json_build_object('type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema, 'record', row_to_json(new), 'old_record', row_to_json(old)))::text) end, 5000, 10, 0, NULL, 'false', 'true', 'keyed', tg_relid, net.webhook_key('keyed', tg_relid, (case tg_op when 'DELETE' then old.id else new.id end)::text, null), 'halt', 'answers', '01:00:00');
  return null;
end
$function$
;
COMMENT ON FUNCTION shop.pgnetty_keyed() IS '{"url": "http://a.example/keyed", "mode": "row", "batch": 1000, "events": ["insert"], "format": "row", "method": "POST", "columns": null, "headers": {}, "on_dead": "halt", "payload": null, "webhook": "keyed", "priority": 0, "condition": null, "endpoints": null, "keep_sent": "01:00:00", "sign_with": null, "in_replica": false, "batch_bytes": 1000000, "keep_failed": null, "on_response": null, "max_attempts": 10, "ordering_key": "id", "notify_channel": "answers", "exclude_columns": [], "fire_and_forget": false, "endpoint_columns": [], "endpoint_condition": null, "timeout_milliseconds": 5000}';
CREATE TRIGGER pgnetty_keyed_insert AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.pgnetty_keyed();

