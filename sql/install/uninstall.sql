-- Drops what install made and nothing else: what depends on it, or was put into schema net by others, makes it fail and
-- say so. The transaction's setting pgnetty.force says whether waiting requests are dropped too.
set local search_path = pg_catalog, pg_temp;
set local lock_timeout = '5s';

do $uninstall$
declare
  waiting bigint;
  functions text;
begin
  if pg_catalog.to_regclass('net.schema_step') is null then
    raise exception using
      errcode = 'undefined_object',
      message = 'pgnetty is not installed in this database';
  end if;

  lock table net.http_request_queue in access exclusive mode;
  select pg_catalog.count(*) into waiting from net.http_request_queue;
  if waiting > 0 and not pg_catalog.current_setting('pgnetty.force')::boolean then
    raise exception using
      errcode = 'object_in_use',
      message = pg_catalog.format('%s request(s) still wait in net.http_request_queue', waiting),
      hint = 'Let a bridge send them, or give --force to drop them.';
  end if;

  if pg_catalog.to_regclass('net.dead_letter') is not null
    and not pg_catalog.current_setting('pgnetty.force')::boolean
  then
    execute 'select pg_catalog.count(*) from net.dead_letter' into waiting;
    if waiting > 0 then
      raise exception using
        errcode = 'object_in_use',
        message = pg_catalog.format('%s request(s) are kept in net.dead_letter', waiting),
        hint = 'Send them again (net.redeliver_where), or give --force to drop them.';
    end if;
  end if;

  -- Changes of these tables would fail.
  if pg_catalog.to_regprocedure('net.webhook_settings(oid)') is not null then
    execute $query$
      select pg_catalog.string_agg(distinct t.tgrelid::regclass::text, ', ')
      from pg_catalog.pg_trigger t
      join pg_catalog.pg_proc p on p.oid = t.tgfoid
      where p.proname like 'pgnetty\_%' and net.webhook_settings(p.oid) is not null
        or p.pronamespace = (
          select n.oid
          from pg_catalog.pg_namespace n
          where n.nspname = 'supabase_functions'
            and pg_catalog.obj_description(n.oid, 'pg_namespace') like 'pgnetty %'
        )
    $query$ into functions;
    if functions is not null then
      raise exception using
        errcode = 'dependent_objects_still_exist',
        message = pg_catalog.format('there are webhooks on %s', functions),
        hint = 'As the tables'' owner: select net.drop_webhook(name) from net.webhooks; and drop trigger for those of Supabase''s form.';
    end if;
  end if;
  if exists (
    select
    from pg_catalog.pg_namespace n
    where n.nspname = 'supabase_functions'
      and pg_catalog.obj_description(n.oid, 'pg_namespace') like 'pgnetty %'
  ) then
    drop function supabase_functions.http_request();
    drop table supabase_functions.hooks;
    drop schema supabase_functions;
  end if;

  -- Those that take a row of a table go before it, and the others after it, as it calls them.
  select pg_catalog.string_agg(p.oid::regprocedure::text, ', ')
  into functions
  from pg_catalog.pg_proc p
  where p.pronamespace = 'net'::regnamespace
    and p.proname = any (pg_catalog.current_setting('pgnetty.functions')::text[])
    and exists (
      select
      from pg_catalog.pg_class c
      where c.relnamespace = p.pronamespace
        and c.relkind = 'r'
        and c.reltype = any (p.proargtypes)
    );
  if functions is not null then
    execute 'drop function ' || functions;
  end if;
  -- Some are of later steps than the one that is installed.
  drop view if exists net.requests, net.my_request_ids, net.my_waits, net.webhooks, net.monitor_queue, net.monitor_responses, net.monitor_dead_letters, net.monitor_attempts, net.effective_host_rule, net.my_requests, net.room_check, net.new_request, net.cancellation, net.redelivery, net.replaying, net.key_lookup;
  drop table if exists
    net.http_request_queue,
    net._http_response,
    net.dead_letter_secret,
    net.dead_letter,
    net.attempts,
    net.key_slot,
    net.ordering_turn,
    net.callback,
    net.sent_request_secret,
    net.callback_role,
    net.sent_request,
    net.ordering_lock,
    net.lease,
    net.hop_slot,
    net.key_secret,
    net.paused,
    net.role_rule,
    net.role_state,
    net.queue_limit,
    net.leader,
    net.duty,
    net.host_rule,
    net.secret_rule,
    net.hosts,
    net.bridges,
    net.egress_rules,
    net.replicas,
    net.bridge_control,
    net.schema_step;
  -- All in one statement: they depend on one another.
  select pg_catalog.string_agg(p.oid::regprocedure::text, ', ')
  into functions
  from pg_catalog.pg_proc p
  where p.pronamespace = 'net'::regnamespace
    -- And those of earlier versions, where the last was not installed.
    and pg_catalog.regexp_replace(p.proname, '_until_step_[0-9]+$', '') = any (pg_catalog.current_setting('pgnetty.functions')::text[] || '{ring,check_limit,room,may_see,queue_key,key_lock,is_blocked,queue_status,is_free,overdue,waiting_roles}');
  execute 'drop function ' || functions;
  drop type net.http_response_result, net.http_response, net.request_status;
  drop schema net;
end
$uninstall$;
