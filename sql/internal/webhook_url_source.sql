-- API: helper
-- In a webhook's function, the value of the expression that its URL is; null where it is none.
create or replace function net.webhook_url_source(settings jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
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
$body$
  )
  where settings ->> 'url' !~* '^https?://'
$$;
