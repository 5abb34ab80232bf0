-- API: helper
-- Which columns a table of endpoints has beside url: those of active, events, headers and sign_with. An error where the caller, the owner of
-- the webhook's table, cannot use it as one. Index: pg_attribute_relid_attnam_index.
create or replace function net.webhook_endpoints(endpoints regclass)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant jsonb := '{"url": "text", "active": "boolean", "events": "text[]", "headers": "jsonb", "sign_with": "text"}';
  columns text[];
  problem text;
begin
  if endpoints is null then
    return '{}';
  end if;
  select
    array_agg(a.attname::text),
    min(format('column %s of endpoints %s must be of type %s', a.attname, endpoints, known ->> a.attname))
      filter (where format_type(a.atttypid, null) <> known ->> a.attname)
  into columns, problem
  from pg_attribute a
  where a.attrelid = endpoints
    and a.attnum > 0
    and not a.attisdropped
    and known ? a.attname;
  problem := coalesce(
    problem,
    case
      when (select c.relpersistence from pg_class c where c.oid = endpoints) = 't' then
        'endpoints must not be a temporary table: another session''s of that name would be read'
      when not 'url' = any (coalesce(columns, '{}')) then format('endpoints %s has no column url', endpoints)
      when not has_table_privilege(endpoints, 'select') then format('permission denied for table %s', endpoints)
    end);
  if problem is not null then
    raise exception using
      errcode = case when problem like 'permission denied%' then 'insufficient_privilege' else 'invalid_parameter_value' end,
      message = problem;
  end if;
  return columns;
end
$$;
