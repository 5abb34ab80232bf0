-- What a bridge's own role, and one that only looks, may do: the roles that could before, and those named now in the transaction's
-- settings pgnetty.bridge_roles and pgnetty.monitor_roles. Neither may drop, alter or grant anything: they own nothing. A bridge's role is
-- known by the policies that let it see all, one that looks by its right to read net.monitor_queue (guard.sql).
do $roles$
declare
  owner constant oid := (select nspowner from pg_catalog.pg_namespace where nspname = 'net');
  bridges text[];
  bridge_ids oid[];
  monitors text[];
  grantee text;
  item text;
  named text;
begin
  -- Those that the policies of the last install name.
  select pg_catalog.array_agg(r.rolname::text), pg_catalog.array_agg(r.oid)
  into bridges, bridge_ids
  from pg_catalog.pg_roles r
  where r.rolname::text = any (pg_catalog.current_setting('pgnetty.bridge_roles')::text[])
    or r.oid in (
      select pg_catalog.unnest(p.polroles)
      from pg_catalog.pg_policy p
      where p.polrelid = 'net._http_response'::regclass
        and p.polname = 'bridge'
    );
  select pg_catalog.array_agg(distinct r.rolname::text)
  into monitors
  from pg_catalog.pg_roles r
  where r.rolname::text = any (
    pg_catalog.current_setting('pgnetty.monitor_roles')::text[] || pg_catalog.current_setting('pgnetty.monitors')::text[] || bridges
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

  -- Default privileges of the database may have given them to others.
  perform net.keep_private(
    array['net.monitor_queue', 'net.monitor_responses', 'net.monitor_dead_letters', 'net.monitor_attempts']::regclass[]);
  foreach grantee in array coalesce(monitors, '{}') loop
    execute pg_catalog.format('grant usage on schema net to %I', grantee);
    execute pg_catalog.format(
      'grant execute on function net.host_matches(text, text), net.version() to %I', grantee);
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
        -- Whoever may execute one could put it on a table of his own, where those that are the owner's would do as he says. To fire, none
        -- needs that right.
        and p.prorettype <> 'trigger'::regtype
    loop
      execute pg_catalog.format('grant execute on function %s to %I', item, grantee);
    end loop;
    execute pg_catalog.format('grant select on net.bridge_control, net.key_secret, net.secret_rule to %I', grantee);
    execute pg_catalog.format('grant select, update on net.queue_limit, net.leader, net.role_state to %I', grantee);
    execute pg_catalog.format('grant select, insert, update, delete on net.dead_letter_secret, net.key_slot, net.ordering_turn to %I', grantee);
    execute pg_catalog.format('grant select, update on net.ordering_lock to %I', grantee);
    -- Whoever locks a row must have a right to change it.
    execute pg_catalog.format('grant select, update, delete on net.http_request_queue to %I', grantee);
    execute pg_catalog.format(
      'grant select, insert, update, delete on net._http_response, net.dead_letter, net.attempts, net.lease, net.hop_slot, net.hosts, net.bridges,'
        || ' net.egress_rules, net.callback, net.callback_role, net.sent_request,'
        || ' net.sent_request_secret to %I',
      grantee
    );
    execute pg_catalog.format(
      'grant select, update on sequence net.http_request_queue_id_seq, net.known_id, net.lease_number_seq, net.limit_id, net.role_limits to %I', grantee);
    -- Who may not decide that leaves it as it is: bodies are in the log then only where statements are.
    begin
      execute pg_catalog.format('alter role %I set log_parameter_max_length = 0', grantee);
    exception
      when insufficient_privilege then
        null;
    end;
    if pg_catalog.current_setting('server_version_num')::integer >= 170000 then
      execute pg_catalog.format('grant maintain on net.http_request_queue, net.ordering_turn to %I', grantee);
    end if;
  end loop;

  -- What is everybody's passes by a bridge: these policies are its roles', so that those of all others stay what an index serves. Only where
  -- they change, as that waits for all who read; in the order in which net.http_get_result reads.
  foreach item in array array['net.dead_letter', 'net._http_response', 'net.attempts', 'net.callback', 'net.sent_request'] loop
    continue when bridges is null or exists (
      select
      from pg_catalog.pg_policy p
      where p.polrelid = item::regclass
        and p.polname = 'bridge'
        and p.polroles <@ bridge_ids
        and p.polroles @> bridge_ids
    );
    execute pg_catalog.format('drop policy if exists bridge on %s', item);
    execute pg_catalog.format(
      'create policy bridge on %s to %s using (true)',
      item,
      (
        select pg_catalog.string_agg(pg_catalog.quote_ident(b), ', ')
        from pg_catalog.unnest(bridges) b
      )
    );
  end loop;
end
$roles$;
