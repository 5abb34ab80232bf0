-- API: helper
-- The roles whose requests the caller sees: itself, those that it is a member of, and for the owner of schema net and its
-- members all. An array, so that an index on the role that queued serves row-level security, which comes first then.
create or replace function net.visible_roles()
returns regrole[]
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if net.is_owner() then
    return array(
      select r.oid::regrole
      from pg_roles r
      order by r.oid
    );
  end if;
  return array(
    with recursive visible (role) as (
      select net.caller()::oid
      union
      select m.roleid
      from visible v
      join pg_auth_members m on m.member = v.role
    )
    select v.role::regrole
    from visible v
    order by v.role
  );
end
$$;
