-- API: private
-- Whether anybody but the owner may queue: then something is kept free for who comes later.
create or replace function net.is_shared()
returns boolean
-- Its plan is kept, as that of a function in SQL is not.
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from pg_class c
    join pg_attribute t on t.attrelid = c.oid
    cross join lateral aclexplode(t.attacl) a
    where c.oid = 'net.http_request_queue'::regclass
      and t.attname = 'url'
      and a.privilege_type = 'INSERT'
      and a.grantee <> c.relowner
  );
end
$$;
