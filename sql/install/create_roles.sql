-- Creates the roles of --bridge-role and --monitor that are not there yet, as whoever installs: the owner of schema net need not be allowed
-- to. Without a password, which a person sets. The transaction's settings pgnetty.bridge_roles and pgnetty.monitor_roles name them.
set local search_path = pg_catalog, pg_temp;

do $create_roles$
declare
  missing constant text[] := array(
    select distinct r.name
    from pg_catalog.unnest(
      pg_catalog.current_setting('pgnetty.bridge_roles')::text[] operator(pg_catalog.||)
        pg_catalog.current_setting('pgnetty.monitor_roles')::text[]
    ) r (name)
    where not exists (
      select
      from pg_catalog.pg_roles p
      where p.rolname operator(pg_catalog.=) r.name::name
    )
    order by r.name
  );
  name text;
begin
  -- It says so in guard.sql, and what to do.
  if pg_catalog.pg_is_in_recovery() then
    return;
  end if;
  foreach name in array missing loop
    begin
      execute pg_catalog.format('create role %I login', name);
    exception
      when insufficient_privilege then
        raise exception using
          errcode = 'insufficient_privilege',
          message = pg_catalog.format(
            'there is no role "%s", and role "%s" may not create it', pg_catalog.array_to_string(missing, '", "'), current_user),
          hint = pg_catalog.format(
            'Let somebody do so who may: %s and install again.',
            (
              select pg_catalog.string_agg(pg_catalog.format('create role %I login;', m.name), ' ')
              from pg_catalog.unnest(missing) m (name)
            )
          );
    end;
  end loop;
end
$create_roles$;
