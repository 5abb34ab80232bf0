-- What a bridge's own role, and one that only looks, may do: the roles that could before, and those named now in the transaction's
-- settings pgnetty.bridge_roles and pgnetty.monitor_roles. Neither may drop, alter or grant anything: they own nothing. A bridge's role is
-- known by its right to change leases, one that looks by its right to read net.monitor_queue.
do $roles$
declare
  owner constant oid := (select nspowner from pg_catalog.pg_namespace where nspname = 'net');
  bridges text[];
  monitors text[];
  grantee text;
  item text;
  named text;
begin
  select pg_catalog.array_agg(distinct r.rolname::text)
  into bridges
  from pg_catalog.pg_roles r
  where r.rolname::text = any (pg_catalog.current_setting('pgnetty.bridge_roles')::text[])
    or r.oid in (
      select a.grantee
      from pg_catalog.pg_class c,
        pg_catalog.aclexplode(c.relacl) a
      where c.oid = 'net.lease'::regclass
        and a.privilege_type = 'UPDATE'
        and a.grantee <> owner
    );
  select pg_catalog.array_agg(distinct r.rolname::text)
  into monitors
  from pg_catalog.pg_roles r
  where r.rolname::text = any (pg_catalog.current_setting('pgnetty.monitor_roles')::text[] || bridges)
    or r.oid in (
      select a.grantee
      from pg_catalog.pg_class c,
        pg_catalog.aclexplode(c.relacl) a
      where c.oid = 'net.monitor_queue'::regclass
        and a.privilege_type = 'SELECT'
        and a.grantee <> owner
    );

  for named in
    select r.rolname
    from pg_catalog.pg_roles r
    where r.rolname::text = any (pg_catalog.current_setting('pgnetty.bridge_roles')::text[])
      and (r.rolsuper or pg_catalog.pg_has_role(r.oid, owner, 'member'))
  loop
    raise exception using
      errcode = 'invalid_grant_operation',
      message = pg_catalog.format('role "%s" is a superuser, the owner of schema "net", or a member of it', named),
      hint = 'It may do everything already. For a bridge that may not, name a role of its own.';
  end loop;

  foreach grantee in array coalesce(monitors, '{}') loop
    execute pg_catalog.format('grant usage on schema net to %I', grantee);
    execute pg_catalog.format('grant execute on function net.host_matches, net.version to %I', grantee);
    execute pg_catalog.format(
      'grant select on net.monitor_queue, net.monitor_responses, net.monitor_dead_letters, net.monitor_attempts, net.bridges,'
        || ' net.egress_rules, net.lease, net.leader, net.hosts, net.host_rule, net.effective_host_rule, net.role_rule, net.paused,'
        || ' net.queue_limit, net.schema_step to %I',
      grantee
    );
  end loop;

  foreach grantee in array coalesce(bridges, '{}') loop
    for item in
      select p.oid::regprocedure
      from pg_catalog.pg_proc p
      where p.pronamespace = 'net'::regnamespace
        and p.proname = any (pg_catalog.current_setting('pgnetty.internal')::text[])
    loop
      execute pg_catalog.format('grant execute on function %s to %I', item, grantee);
    end loop;
    execute pg_catalog.format('grant select on net.bridge_control, net.key_secret to %I', grantee);
    execute pg_catalog.format('grant select, update on net.queue_limit, net.leader, net.role_state to %I', grantee);
    execute pg_catalog.format('grant select, insert, delete on net.dead_letter_secret, net.key_slot to %I', grantee);
    -- Whoever locks a row must have a right to change it.
    execute pg_catalog.format('grant select, update, delete on net.http_request_queue to %I', grantee);
    execute pg_catalog.format(
      'grant select, insert, update, delete on net._http_response, net.dead_letter, net.attempts, net.lease, net.hop_slot, net.hosts, net.bridges,'
        || ' net.egress_rules to %I',
      grantee
    );
    execute pg_catalog.format(
      'grant select, update on sequence net.http_request_queue_id_seq, net.limit_id, net.role_limits to %I', grantee);
    -- Who may not decide that leaves it as it is: bodies are in the log then only where statements are.
    begin
      execute pg_catalog.format('alter role %I set log_parameter_max_length = 0', grantee);
    exception
      when insufficient_privilege then
        null;
    end;
    if pg_catalog.current_setting('server_version_num')::integer >= 170000 then
      execute pg_catalog.format('grant maintain on net.http_request_queue to %I', grantee);
    end if;
  end loop;

  -- What is everybody's passes by a bridge: these policies are its roles', so that those of all others stay what an index serves.
  if bridges is not null then
    foreach item in array array['net._http_response', 'net.dead_letter', 'net.attempts'] loop
      if not exists (
        select
        from pg_catalog.pg_policy p
        where p.polrelid = item::regclass
          and p.polname = 'bridge'
      ) then
        execute pg_catalog.format('create policy bridge on %s using (true)', item);
      end if;
      execute pg_catalog.format(
        'alter policy bridge on %s to %s',
        item,
        (
          select pg_catalog.string_agg(pg_catalog.quote_ident(b), ', ')
          from pg_catalog.unnest(bridges) b
        )
      );
    end loop;
  end if;
end
$roles$;
