-- API: private
-- Takes back what the database's default privileges have given others on new relations of ours: bodies and credentials are in
-- them. For a schema step, on what it has just made: what a DBA has granted since stays.
create or replace function net.keep_private(relations regclass[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_class c,
      aclexplode(c.relacl) a
    where c.oid = any (relations)
      and a.grantee <> c.relowner
  loop
    execute format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$$;
