-- API: helper
-- Why a webhook cannot be made like that; null if it can. What the catalog knows is asked there; what is a request's, its call says.
create or replace function net.webhook_problem(
  name text, "table" regclass, events text[], columns text[], exclude_columns text[], format text, payload regprocedure,
  ordering_key text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when webhook_problem.name is null or webhook_problem.name !~ '^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$' then
      'name must have 1 to 40 letters, digits, underscores and hyphens'
    when c.oid is null then 'there is no such table'
    when not pg_has_role(c.relowner, 'usage') then format('must be owner of table %s', "table")
    when c.relnamespace = 'net'::regnamespace then 'a webhook on a table of pgnetty would answer itself'
    when c.relpersistence = 't' then 'a temporary table cannot have a webhook'
    when c.relkind not in ('r', 'p') then format('%s is not a table', "table")
    when c.relispartition and c.relkind = 'p' then
      format('%s is a partition that has partitions: make the webhook on the whole table, or on each of them', "table")
    when coalesce(cardinality(events), 0) = 0 or not events <@ '{insert,update,delete,truncate}' then
      'events must be some of insert, update, delete and truncate'
    when columns = '{}' or columns is not null and not 'update' = any (events) then
      'columns names those whose change counts in an update: leave it null where all do'
    when unknown.names is not null then format('table %s has no column %s', "table", unknown.names)
    when ordering_key is not null and 'truncate' = any (events) then 'a truncate has no row, and so no ordering_key'
    when webhook_problem.format is null or webhook_problem.format not in ('row', 'cloudevents', 'cloudevents-binary') then
      'format must be row, cloudevents or cloudevents-binary'
    when p.oid is not null and (p.prokind <> 'f' or p.proretset or p.prorettype <> 'jsonb'::regtype
      or p.proargtypes <> array_to_string(array['jsonb'::regtype::oid], ' ')::oidvector) then
      format('payload must be a function of one jsonb that returns jsonb, which %s is not', payload)
    when p.oid is not null and not has_function_privilege(p.oid, 'execute') then
      format('permission denied for function %s', payload)
    when p.oid is not null and not has_function_privilege(c.relowner, p.oid, 'execute') then
      format('the owner of table %s has no right to execute function %s', "table", payload)
    when p.pronamespace <> all (array(select n.oid from pg_namespace n where n.nspname !~ '^pg_(toast_)?temp_')) then
      'payload must not be a temporary function: of the next session''s of that name it would run another one'
    when blocked.by_role is not null then
      format('function pgnetty_%s of role %s is in the way: that role drops it, select net.drop_webhook(%s)',
        webhook_problem.name, blocked.by_role, quote_literal(webhook_problem.name))
    when not has_schema_privilege(c.relowner, c.relnamespace, 'create') then
      format('the owner of table %s needs the right to have a function beside it: grant create on schema %s to %s',
        "table", c.relnamespace::regnamespace, c.relowner::regrole)
    when exists (
      select
      from pg_proc q
      where q.pronamespace = 'net'::regnamespace
        and q.proname = 'http_request'
        and not has_function_privilege(c.relowner, q.oid, 'execute')
    ) then format('the owner of table %s may not send requests: pgnetty install --grant %s', "table", c.relowner::regrole)
    when exists (
      select
      from pg_proc q
      join pg_trigger t on t.tgfoid = q.oid
      where q.proname = 'pgnetty_' || webhook_problem.name
        and q.proowner = c.relowner
        and net.webhook_settings(q.oid) ->> 'webhook' = webhook_problem.name
    ) then
      format('there is a webhook %s already: drop it first, select net.drop_webhook(%s)',
        to_json(webhook_problem.name), quote_literal(webhook_problem.name))
  end
  from (select) one
  left join pg_class c on c.oid = "table"
  left join pg_proc p on p.oid = payload
  cross join lateral (
    select string_agg(to_json(n.name)::text, ', ') as names
    from unnest(columns || exclude_columns || ordering_key) n (name)
    where n.name is not null
      and not exists (
      select
      from pg_attribute a
      where a.attrelid = c.oid
        and a.attname = n.name
        and a.attnum > 0
        and not a.attisdropped
    )
  ) unknown
  left join lateral (
    select q.proowner::regrole as by_role
    from pg_proc q
    where q.pronamespace = c.relnamespace
      and q.proname = 'pgnetty_' || webhook_problem.name
      and q.pronargs = 0
      and q.proowner <> c.relowner
  ) blocked on true
$$;
