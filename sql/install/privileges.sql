-- Who may do what. PostgreSQL lets PUBLIC execute every new function and use every new type: that is taken back first,
-- then given to the roles that were granted before (they may insert into the queue) and to those named now, in the
-- transaction's setting pgnetty.grantees.
do $privileges$
declare
  owner constant oid := (select nspowner from pg_catalog.pg_namespace where nspname = 'net');
  grantee text;
  item text;
begin
  revoke all on all routines in schema net from public;
  -- Default privileges of the database may have given them to others.
  for grantee in
    select distinct pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee))
    from pg_catalog.pg_proc p,
      pg_catalog.aclexplode(p.proacl) a
    where p.pronamespace = 'net'::regnamespace
      and a.grantee not in (0, owner)
  loop
    execute pg_catalog.format('revoke all on all routines in schema net from %s', grantee);
  end loop;
  for item in
    select pg_catalog.format_type(t.oid, null)
    from pg_catalog.pg_type t
    where t.typnamespace = 'net'::regnamespace
      and t.typname in ('request_status', 'http_response', 'http_response_result')
  loop
    execute pg_catalog.format('revoke all on type %s from public', item);
  end loop;

  for grantee in
    select case a.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end
    from pg_catalog.pg_attribute t,
      pg_catalog.aclexplode(t.attacl) a
    where t.attrelid = 'net.http_request_queue'::regclass
      and t.attname = 'url'
      and a.privilege_type = 'INSERT'
      and a.grantee <> owner
    union
    select case g when 'public' then g else pg_catalog.quote_ident(g) end
    from pg_catalog.unnest(pg_catalog.current_setting('pgnetty.grantees')::text[]) g
  loop
    execute pg_catalog.format('grant usage on schema net to %s', grantee);

    -- Those that people call, and what these call in turn, as the one who calls.
    for item in
      select p.oid::regprocedure
      from pg_catalog.pg_proc p
      where p.pronamespace = 'net'::regnamespace
        -- With those that what users have made depends on: net.retire.
        and pg_catalog.regexp_replace(p.proname, '_until_step_[0-9]+$', '') = any (pg_catalog.current_setting('pgnetty.granted')::text[])
    loop
      execute pg_catalog.format('grant execute on function %s to %s', item, grantee);
    end loop;

    for item in
      select pg_catalog.format_type(t.oid, null)
      from pg_catalog.pg_type t
      where t.typnamespace = 'net'::regnamespace
        and t.typname in ('request_status', 'http_response', 'http_response_result')
    loop
      execute pg_catalog.format('grant usage on type %s to %s', item, grantee);
    end loop;

    execute pg_catalog.format(
      'grant insert (method, url, headers, body, timeout_milliseconds) on net.http_request_queue to %s', grantee);
    execute pg_catalog.format(
      'grant select (id), insert (method, url, headers, body, timeout_milliseconds, max_attempts, not_before, priority, rank,'
        || ' dedupe_key, fingerprint, fire_and_forget, keep_failed, state, sign_with, ordering_key, on_dead, on_response,'
        || ' notify_channel, keep_sent, webhook, webhook_table, keep_request) on net.new_request to %s',
      grantee
    );
    execute pg_catalog.format(
      'grant select (cancelled), insert (ids, host, since, error, until) on net.cancellation to %s', grantee);
    execute pg_catalog.format(
      'grant select (new_ids), insert (ids, host, since, error, until, discard) on net.redelivery to %s', grantee);
    execute pg_catalog.format(
      'grant select (same_id, unsure), insert (key, fingerprint) on net.key_lookup to %s', grantee);
    execute pg_catalog.format(
      'grant select (count), insert (webhook, since, until, only_failed, new_key, webhook_table) on net.replaying to %s', grantee);
    execute pg_catalog.format('grant select (id), insert (id) on net.room_check to %s', grantee);
    execute pg_catalog.format('grant select on sequence net.known_id, net.limit_id, net.role_limits, net.http_request_queue_id_seq to %s', grantee);
    -- Where it is ours: Supabase's own is left alone.
    if exists (
      select
      from pg_catalog.pg_namespace n
      where n.nspname = 'supabase_functions'
        and pg_catalog.obj_description(n.oid, 'pg_namespace') like 'pgnetty %'
    ) then
      execute pg_catalog.format('grant usage on schema supabase_functions to %s', grantee);
      execute pg_catalog.format('grant execute on function supabase_functions.http_request() to %s', grantee);
      execute pg_catalog.format('grant insert (hook_table_id, hook_name, request_id) on supabase_functions.hooks to %s', grantee);
    end if;
    execute pg_catalog.format('grant select on net.my_requests, net._http_response, net.dead_letter, net.attempts, net.callback, net.sent_request, net.webhooks, net.requests, net.my_request_ids, net.my_waits to %s', grantee);
  end loop;

  -- What a DBA has granted by hand, on functions for people: see guard.sql.
  foreach item in array pg_catalog.current_setting('pgnetty.by_hand')::text[] loop
    begin
      execute item;
    exception
      when undefined_function or undefined_object then
        raise warning 'taken away, as the function is not there any more: %', item;
    end;
  end loop;
end
$privileges$;
