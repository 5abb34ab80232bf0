-- API: owner
-- Takes the rule of a role back; true when there was one. A role that was dropped is known by its OID. Granted to nobody: the owner's.
create or replace function net.drop_role_rule(role name)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  known constant oid := coalesce(
    to_regrole(quote_ident(role::text))::oid,
    case when role::text ~ '^[0-9]{1,9}$' then role::text::oid end
  );
begin
  delete from net.role_rule r
  where r.role = known;
  if not found then
    return false;
  end if;
  perform pg_notify('pgnetty', '');
  return true;
end
$$;
