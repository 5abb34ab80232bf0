-- API: public
-- When rows of the table change, calls the URL: after the commit, at least once. Makes a trigger for each event, and one function beside the
-- table, which runs as the table's owner. Expressions, conditions and payload functions find what is not of pg_catalog by its schema only.
-- Locks: share row exclusive on the table, as create trigger takes it, for which it waits 5 s at most.
create or replace function net.create_webhook(
  -- 1 to 40 letters, digits, underscores and hyphens.
  name text,
  "table" regclass,
  -- Some of insert, update, delete and truncate, in any case.
  events text[],
  -- Begins with http:// or https://; or an expression over new, old and this (the row as it is, the old one in a delete), for a URL in the
  -- row: null sends nothing. Null where there are endpoints.
  url text default null,
  method text default 'POST',
  -- Every role can read them, as it can read functions: credentials belong into {{secret:NAME}}.
  headers jsonb default '{}',
  -- As in create trigger ... when (condition): over new and old.
  condition text default null,
  -- An update counts if one of these has another value; null: if any has.
  columns text[] default null,
  -- Left out of the payload.
  exclude_columns text[] default '{}',
  -- row: {type, table, schema, record, old_record}; cloudevents, with that as its data, in the body; cloudevents-binary, in headers.
  format text default 'row',
  -- A function of what would be sent, jsonb, that returns what is sent instead; null sends nothing.
  payload regprocedure default null,
  timeout_milliseconds integer default 5000,
  max_attempts integer default 10,
  priority integer default 0,
  sign_with text default null,
  fire_and_forget boolean default false,
  keep_failed boolean default null,
  -- Also for changes that logical replication applies.
  in_replica boolean default false,
  -- A table with a row for each URL to call, read when the row changes: url text, and if it has them active boolean, events text[],
  -- headers jsonb, sign_with text.
  endpoints regclass default null,
  -- Which of them: over new, old, this and endpoint.
  endpoint_condition text default null,
  -- row: a request for each row. statement: many rows in one request, {type, table, schema, records, old_records}, for bulk loads; not where
  -- PostgreSQL shows a statement's rows in part only, and of an update all that changed.
  mode text default 'row',
  -- Of a statement's rows, in one request at most: rows, and bytes beyond the last.
  batch integer default 1000,
  batch_bytes integer default 1000000,
  -- A column: requests for rows with one value of it go out one at a time, in order, and to each endpoint on its own; null: in no order.
  ordering_key text default null,
  -- What those behind a dead letter do: skip it, or halt.
  on_dead text default 'skip',
  -- As of net.http_request.
  on_response regprocedure default null,
  notify_channel text default null,
  keep_sent interval default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
set check_function_bodies = on
as $$
declare
  -- Each once.
  fires constant text[] := array(select distinct lower(e) from unnest(events) e order by lower(e));
  problem text := net.webhook_problem(
    name, "table", fires, columns, exclude_columns, format, payload, ordering_key);
  settings jsonb := jsonb_build_object(
    'webhook', name, 'events', fires, 'url', url, 'method', method, 'headers', coalesce(headers, '{}'), 'condition', condition,
    'columns', columns, 'exclude_columns', coalesce(exclude_columns, '{}'), 'format', format, 'payload', payload::oid::regproc,
    'timeout_milliseconds', timeout_milliseconds, 'max_attempts', coalesce(max_attempts, 10), 'priority', coalesce(priority, 0), 'sign_with', sign_with,
    'fire_and_forget', fire_and_forget, 'keep_failed', keep_failed, 'in_replica', in_replica, 'endpoints', endpoints,
    'endpoint_condition', endpoint_condition, 'mode', mode, 'batch', batch, 'batch_bytes', batch_bytes,
    'ordering_key', ordering_key, 'on_dead', on_dead, 'on_response', on_response, 'notify_channel', notify_channel, 'keep_sent', keep_sent);
  function_name text;
  owner regrole;
  grantee regrole;
  made regprocedure;
  before text;
  is_partitioned boolean;
  changed text;
  event text;
begin
  if problem is not null then
    raise exception using
      errcode = case when problem ~ '^(must be owner|permission denied)' then 'insufficient_privilege' else 'invalid_parameter_value' end,
      message = problem;
  end if;
  select format('%I.%I', n.nspname, 'pgnetty_' || name), c.relowner, c.relkind = 'p'
  into function_name, owner, is_partitioned
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = "table";
  -- All that follows is the owner's: no name that he changes meanwhile leads to anything of somebody else.
  if owner <> net.caller() then
    -- Reading an expression may run what the owner has made, such as a domain's check, and this session may be anybody's, whatever its role.
    if condition is not null or endpoint_condition is not null or url !~* '^https?://' then
      raise exception using
        errcode = 'insufficient_privilege',
        message = format('a webhook with an expression is made by the owner of table %s, role %s', "table", owner),
        hint = 'Log in as that role: after "set role" its expressions could still do what you may.';
    end if;
    before := current_setting('role');
    perform set_config('role', (select r.rolname::text from pg_roles r where r.oid = owner), true);
  end if;
  -- Left by a table that was dropped.
  select p.oid
  into made
  from pg_proc p
  where p.oid = to_regprocedure(function_name || '()')
    and p.proowner = owner
    and net.webhook_settings(p.oid) ->> 'webhook' = name;
  if made is not null then
    execute format('drop function %s', made);
  end if;
  settings := settings || jsonb_build_object('endpoint_columns', net.webhook_endpoints(endpoints));
  perform net.check_webhook("table", settings);
  problem := net.webhook_mode_problem("table", settings);
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  if length(settings::text) > 100000 then
    raise exception using errcode = 'invalid_parameter_value', message = 'the arguments are longer than 100000 characters';
  end if;
  if net.shows_credentials(url, settings -> 'headers') then
    raise warning using
      message = format('every role of this database can read the credentials of webhook "%s", as it can read functions', name),
      hint = 'Put {{secret:NAME}} in their place, with a secret of the bridges that net.allow_secret allows.';
  end if;

  -- What changes how a value is written as text is as it is here, whatever the session of the writer says.
  execute format(
    'create function %s() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp'
      || ' set standard_conforming_strings = on set extra_float_digits = 1 set bytea_output = hex set intervalstyle = postgres'
      || ' set datestyle = iso set timezone = utc as %L',
    function_name, net.webhook_source(settings, is_partitioned));
  execute format('comment on function %s() is %L', function_name, settings);
  execute format('revoke all on function %s() from public', function_name);
  -- Default privileges of the database may have given it to others.
  for grantee in
    select distinct a.grantee::regrole
    from pg_proc p,
      aclexplode(p.proacl) a
    where p.oid = to_regprocedure(function_name || '()')
      and a.grantee not in (0, p.proowner)
  loop
    execute format('revoke all on function %s() from %s', function_name, grantee);
  end loop;

  changed := case
    when columns is null then 'pg_catalog.record_image_ne(old.*, new.*)'
    else (
      -- The function of the operator *<>, which pg_dump would write without its schema, so that it is read as another one.
      select format('pg_catalog.record_image_ne(row(%s), row(%s))',
        string_agg(format('old.%I', c), ', '), string_agg(format('new.%I', c), ', '))
      from unnest(columns) c
    )
  end;
  foreach event in array fires loop
    execute format(
      E'create trigger %I after %s on %s %s for each %s %s execute function %s()',
      'pgnetty_' || name || '_' || event,
      event,
      "table",
      case when mode = 'statement' then
        'referencing' || case when event <> 'insert' then ' old table as old_rows' else '' end
          || case when event <> 'delete' then ' new table as new_rows' else '' end
      end,
      case when event = 'truncate' or mode = 'statement' then 'statement' else 'row' end,
      case
        when mode = 'statement' then null
        when event = 'update' then concat('when (', changed, E' and (\n' || condition || E'\n)', ')')
        when condition is not null then format(E'when (\n%s\n)', condition)
      end,
      function_name);
    if in_replica then
      execute format('alter table %s enable always trigger %I', "table", 'pgnetty_' || name || '_' || event);
    end if;
  end loop;
  if before is not null then
    perform set_config('role', before, true);
  end if;
end
$$;
