-- API: private
-- Whether a role may take back and send again what another has queued: that role itself, its members, and the owner of
-- pgnetty's tables with its members.
create or replace function net.may_manage(manager regrole, queued_by regrole)
returns boolean
language sql
stable
return pg_catalog.pg_has_role(manager, queued_by, 'member')
  or pg_catalog.pg_has_role(
    manager,
    (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'net'),
    'member'
  );
