-- In the session of --callback-url, before anything is called there: its process, its role, and why that is none to run other people's functions
-- as. Then functions find what has no schema as in any session; until then all names are pg_catalog's. No index: a look at the catalog's few
-- rows.
select
  pg_backend_pid() as process,
  current_user::text as role,
  current_database()::text as database,
  case
    when r.rolsuper then 'is a superuser'
    when r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls then 'has attributes such as createrole or bypassrls'
    when n.nspowner is null then 'finds no schema net in that database'
    when pg_has_role(r.oid, n.nspowner, 'member') then 'is the owner of schema net, or a member of it'
    when has_table_privilege(r.oid, c.oid, 'select') then 'may read all requests'
    when exists (
      select
      from pg_auth_members m
      where m.member = r.oid
    ) then 'is a member of other roles, which a function could become'
  end as problem,
  set_config('search_path', '"$user", public', false) as found_in
from pg_roles r
left join pg_namespace n on n.nspname = 'net'
-- Not by its name, as that role sees nothing of the schema.
left join pg_class c on c.relnamespace = n.oid
  and c.relname = 'http_request_queue'
where r.rolname = current_user
