-- API: helper
-- Whether the caller is the owner of pgnetty's tables, or a member of that role.
create or replace function net.is_owner()
returns boolean
language sql
stable
parallel safe
return pg_catalog.pg_has_role(
  (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'net'),
  'member'
);
