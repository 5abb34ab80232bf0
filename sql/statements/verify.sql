-- What a bridge must know of the database before it begins: one row, whatever is there. Types match to the letter, so that no
-- function of others comes first, whatever the search_path of a pooled session.
select
  current_setting('server_version_num')::integer as version_number,
  current_setting('server_version') as version,
  pg_is_in_recovery() as standby,
  getdatabaseencoding() as encoding,
  current_database() as database,
  current_user as role,
  exists (
    select
    from pg_extension e
    where e.extname = 'pg_net'
  ) as extension,
  exists (
    select
    from pg_namespace n
    where n.nspname = 'net'
  ) as schema,
  exists (
    select
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'net'
      and c.relname = 'schema_step'
  ) as installed,
  -- Triggers of an owner would run as the bridge's role, and could go back to the one that logged in: a superuser must not
  -- work on another's tables.
  coalesce(
    (
      select bool_and(not r.rolsuper or o.rolsuper)
      from pg_namespace n
      join pg_roles o on o.oid = n.nspowner
      join pg_roles r on r.rolname in (current_user, session_user)
      where n.nspname = 'net'
    ),
    true
  ) as trusted,
  coalesce(
    (
      select o.rolname
      from pg_namespace n
      join pg_roles o on o.oid = n.nspowner
      where n.nspname = 'net'
    ),
    ''
  ) as owner,
  coalesce(
    (
      select has_schema_privilege(n.oid, 'usage')
        and bool_and(
          has_table_privilege(
            c.oid,
            case c.relname
              when '_http_response' then 'insert'
              when 'schema_step' then 'select'
              when 'bridge_control' then 'select'
              else 'update'
            end
          )
        )
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'net'
        and c.relname in ('http_request_queue', '_http_response', 'bridges', 'bridge_control', 'schema_step')
      group by n.oid
    ),
    false
  ) as permitted,
  -- An earlier version has no such view: its step says so then.
  coalesce(
    (
      select has_schema_privilege(c.relnamespace, 'usage') and has_table_privilege(c.oid, 'select')
      from pg_class c
      where c.relname = 'monitor_queue'
        and c.relnamespace = (select n.oid from pg_namespace n where n.nspname = 'net')
    ),
    true
  ) as looking
