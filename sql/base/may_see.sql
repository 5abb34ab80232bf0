-- API: private
-- Whether the caller sees what `queued_by` queued: that role itself, its members, and the owner of pgnetty's tables.
create or replace function net.may_see(queued_by regrole)
returns boolean
language sql
stable
parallel safe
return pg_catalog.pg_has_role(net.caller(), queued_by, 'member') or net.is_owner();
