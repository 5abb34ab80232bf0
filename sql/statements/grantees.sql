-- The roles that may use schema net: those that may insert into the queue. Index: pg_attribute_relid_attnam_index.
select distinct case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end as role
from pg_attribute t,
  aclexplode(t.attacl) a
where t.attrelid = 'net.http_request_queue'::regclass
  and t.attname = 'url'
  and a.privilege_type = 'INSERT'
order by role
