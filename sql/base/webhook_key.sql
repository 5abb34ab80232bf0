-- API: helper
-- The ordering_key of a webhook's request: of a value in the row, for this webhook of this table, and this endpoint where there are several. Null where the value
-- is. A long one by its hash, as keys are at most 512 characters.
create or replace function net.webhook_key(webhook text, webhook_table oid, value text, endpoint text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  key constant text := webhook || '.' || webhook_table || ':' || value || coalesce(' ' || endpoint, '');
begin
  return case when length(key) > 512 then webhook || '.' || webhook_table || ':' || encode(sha256(convert_to(key, getdatabaseencoding())), 'hex') else key end;
end
$$;
