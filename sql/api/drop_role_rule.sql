-- API: owner
-- Takes the rule of a role back; true when there was one. Granted to nobody: the owner's.
create or replace function net.drop_role_rule(role name)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  known constant regrole := to_regrole(quote_ident(role::text));
begin
  perform from net.queue_limit l for update;
  delete from net.role_rule r
  where r.role = known;
  if not found then
    return false;
  end if;
  perform net.limit_by_role();
  perform pg_notify('pgnetty', '');
  return true;
end
$$;
