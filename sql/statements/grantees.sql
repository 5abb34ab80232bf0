-- The roles that may use schema net (they may insert into the queue), run bridges (change leases), and look at it (read
-- net.monitor_queue; of an earlier version there is none). Index: pg_attribute_relid_attnam_index, pg_class_relname_nsp_index.
select
  g.may,
  case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end as role
from (
  select distinct 1 as place, 'use it' as may, a.grantee
  from pg_attribute t,
    aclexplode(t.attacl) a
  where t.attrelid = 'net.http_request_queue'::regclass
    and t.attname = 'url'
    and a.privilege_type = 'INSERT'
  union all
  select 2, 'run bridges', a.grantee
  from pg_class c,
    aclexplode(c.relacl) a
  where c.relname = 'lease'
    and c.relnamespace = (select n.oid from pg_namespace n where n.nspname = 'net')
    and a.privilege_type = 'UPDATE'
    and a.grantee <> c.relowner
  union all
  select 3, 'look at it', a.grantee
  from pg_class c,
    aclexplode(c.relacl) a
  where c.relname = 'monitor_queue'
    and c.relnamespace = (select n.oid from pg_namespace n where n.nspname = 'net')
    and a.privilege_type = 'SELECT'
    and a.grantee <> c.relowner
) g
order by g.place, role
