-- Refuses, with what to do, before anything is changed. Runs inside the install's transaction, whose search_path is
-- pinned: operators and functions of others must not come before PostgreSQL's own, least of all for a superuser.
-- Locks: an advisory lock, so that two installs go one after the other. No wait is long: behind one that waits for a lock
-- on the queue, all senders would.
set local search_path = pg_catalog, pg_temp;
set local lock_timeout = '5s';
set local check_function_bodies = off;

do $lock$
declare
  id constant bigint := pg_catalog.hashtextextended('pgnetty install', 0);
  holder record;
begin
  if pg_catalog.pg_try_advisory_xact_lock(id) then
    return;
  end if;
  begin
    perform pg_catalog.pg_advisory_xact_lock(id);
  exception
    when lock_not_available then
      select l.pid, coalesce(a.usename, 'unknown') as role
      into holder
      from pg_catalog.pg_locks l
      left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory'
        and l.objsubid = 1
        and (l.classid::bigint << 32 | l.objid::bigint) = id
        and l.granted
      limit 1;
      raise exception using
        errcode = 'lock_not_available',
        message = pg_catalog.format(
          'another session has held the lock of the installation for 5 s: process %s of role "%s"', holder.pid, holder.role),
        hint = 'Wait for it if it is another install; else end it (select pg_terminate_backend(pid)).';
  end;
end
$lock$;

do $guard$
declare
  net_owner name;
  newest integer;
begin
  if pg_catalog.current_setting('server_version_num')::integer < 150000 then
    raise exception using
      errcode = 'feature_not_supported',
      message = pg_catalog.format('PostgreSQL %s is not supported', pg_catalog.current_setting('server_version')),
      hint = 'pgnetty needs PostgreSQL 15 or later.';
  end if;

  if pg_catalog.pg_is_in_recovery() then
    raise exception using
      errcode = 'read_only_sql_transaction',
      message = 'this server is a standby and cannot be written to',
      hint = 'Give the URL of the primary.';
  end if;

  select pg_catalog.pg_get_userbyid(n.nspowner)
  into net_owner
  from pg_catalog.pg_namespace n
  where n.nspname = 'net';

  if found and exists (
    select
    from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
      and e.extname = 'pg_net'
  ) then
    raise exception using
      errcode = 'duplicate_schema',
      message = 'the extension pg_net is installed in this database, in the schema "net" that pgnetty needs',
      hint = 'Wait until net.http_request_queue is empty, then: drop extension pg_net; drop schema if exists net; and install again. The SQL of your application stays as it is.';
  end if;

  if net_owner is not null and pg_catalog.to_regclass('net.schema_step') is null then
    raise exception using
      errcode = 'duplicate_schema',
      message = pg_catalog.format('there is a schema "net" of role "%s" that pgnetty did not make', net_owner),
      hint = 'Rename it (alter schema net rename to ...) or drop it, and install again.';
  end if;

  -- What is in `net` is its owner's: triggers of his would run as whoever upgrades, and `set role` does not hold them. So
  -- neither the role nor who logged in may be another, or all of them must be superusers.
  if (net_owner <> current_user or net_owner <> session_user)
    and not (
      select pg_catalog.bool_and(r.rolsuper)
      from pg_catalog.pg_roles r
      where r.rolname in (net_owner, current_user, session_user)
    )
    -- A role that is no superuser has nothing to lose by an owner that it may become anyway.
    and exists (
      select
      from pg_catalog.pg_roles r
      where r.rolname in (current_user, session_user)
        and (r.rolsuper or r.rolname = current_user and r.rolname <> net_owner)
    )
  then
    raise exception using
      errcode = 'insufficient_privilege',
      message = pg_catalog.format('the schema "net" belongs to role "%s"', net_owner),
      hint = pg_catalog.format('Install as "%s".', net_owner);
  end if;

  if net_owner is null
    and not pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')
  then
    raise exception using
      errcode = 'insufficient_privilege',
      message = pg_catalog.format(
        'role "%s" may not create a schema in database "%s"', current_user, pg_catalog.current_database()),
      hint = pg_catalog.format(
        'As its owner or a superuser: grant create on database %I to %I;', pg_catalog.current_database(), current_user);
  end if;

  if net_owner is null then
    create schema net;
  elsif net_owner <> current_user then
    execute pg_catalog.format('set local role %I', net_owner);
  end if;

  if net_owner is not null then
    execute 'select pg_catalog.max(s.step) from net.schema_step s' into newest;
    if newest is null then
      raise exception using
        errcode = 'object_not_in_prerequisite_state',
        message = 'the tables of schema "net" were restored without their data',
        hint = 'Restore the data as well, and then install with --adopt keep or discard. Or without it: drop schema net cascade; and install.';
    end if;
    if newest > pg_catalog.current_setting('pgnetty.step', true)::integer then
      raise exception using
        errcode = 'object_not_in_prerequisite_state',
        message = pg_catalog.format(
          'schema "net" was installed by a newer version of pgnetty (step %s; this one knows %s)',
          newest,
          pg_catalog.current_setting('pgnetty.step', true)
        ),
        hint = 'Use that version. There is no way back but a backup, or uninstall and install.';
    end if;
  end if;

  -- Before anything is made, which would have the database's default privileges.
  perform pg_catalog.set_config(
    'pgnetty.by_hand',
    coalesce(
      (
        select pg_catalog.array_agg(
          pg_catalog.format(
            'grant execute on function %s to %I', p.oid::pg_catalog.regprocedure, pg_catalog.pg_get_userbyid(a.grantee))
        )
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        cross join pg_catalog.aclexplode(p.proacl) a
        where n.nspname = 'net'
          and a.grantee not in (0, n.nspowner)
          and p.prokind = 'f'
          and p.proname = any (pg_catalog.current_setting('pgnetty.by_people', true)::text[])
      ),
      '{}'
    )::text,
    true
  );
  perform pg_catalog.set_config(
    'pgnetty.monitors',
    coalesce(
      (
        select pg_catalog.array_agg(r.rolname::text)
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        cross join pg_catalog.aclexplode(c.relacl) a
        join pg_catalog.pg_roles r on r.oid = a.grantee
        where n.nspname = 'net'
          and c.relname = 'monitor_queue'
          and a.privilege_type = 'SELECT'
          and a.grantee <> c.relowner
      ),
      '{}'
    )::text,
    true
  );
end
$guard$;

-- The steps of sql/schema that this database has taken.
create table if not exists net.schema_step (
  step integer primary key,
  taken timestamptz not null default pg_catalog.clock_timestamp()
);
