-- What a bridge must know of the database before it begins: one row, whatever is there. $1 is the last step of sql/schema
-- that the bridge knows.
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
  to_regclass('net.schema_step') is not null as installed,
  coalesce(has_schema_privilege(to_regnamespace('net'), 'usage'), false) as usage,
  coalesce(
    has_schema_privilege(to_regnamespace('net'), 'usage')
    and has_table_privilege(to_regclass('net.http_request_queue'), 'select, update, delete')
    and has_table_privilege(to_regclass('net._http_response'), 'insert')
    and has_table_privilege(to_regclass('net.replicas'), 'insert'),
    false
  ) as permitted
