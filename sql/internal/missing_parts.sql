-- API: private
-- The indexes, triggers, policies and switches of row-level security of ours that are not there or switched off, as after a restore that was cut short: tables and
-- rows come first in a dump, and these last. A test compares the lists with what an install makes. Catalogs only: small, by
-- their own indexes.
create or replace function net.missing_parts()
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with relations as (
    select c.oid, c.relname, c.relrowsecurity
    from pg_class c
    where c.relnamespace = 'net'::regnamespace
  )
  select format('index %s', p.part)
  from unnest(array[
    '_http_response_created_idx', '_http_response_key_idx', '_http_response_pkey', '_http_response_webhook_idx', 'attempts_pkey', 'bridge_control_pkey',
    'bridges_pkey', 'callback_created_idx', 'callback_due_idx', 'callback_pkey', 'callback_role_pkey', 'dead_letter_died_idx', 'dead_letter_halt_idx', 'dead_letter_key_idx', 'dead_letter_pkey', 'dead_letter_secret_pkey',
    'dead_letter_webhook_idx', 'sent_request_pkey', 'sent_request_secret_pkey', 'sent_request_until_idx', 'sent_request_webhook_idx',
    'egress_rules_pkey', 'hop_slot_id_idx', 'hop_slot_pkey', 'host_rule_pkey', 'hosts_breaker_open_idx', 'hosts_pkey',
    'http_request_queue_active_idx', 'http_request_queue_due_idx', 'http_request_queue_key_idx', 'http_request_queue_later_idx', 'http_request_queue_order_idx', 'http_request_queue_pkey',
    'key_secret_pkey', 'key_slot_pkey', 'leader_pkey', 'lease_host_idx', 'lease_pkey', 'ordering_lock_pkey', 'ordering_turn_at_idx', 'ordering_turn_pkey', 'paused_pkey', 'queue_limit_pkey',
    'role_rule_pkey', 'role_state_pkey', 'schema_step_pkey', 'secret_rule_pkey'
  ]) p (part)
  where not exists (
    select
    from relations r
    where r.relname = p.part
  )
  union all
  select format(
    'trigger %s of net.%s%s',
    p.part,
    p.relation,
    case when t.tgenabled = 'D' then ', which is disabled,' else '' end
  )
  from (
    values
      ('accept_request', 'http_request_queue'),
      ('notify_bridges', 'http_request_queue'),
      ('request_answered', 'http_request_queue'),
      ('request_left', 'http_request_queue'),
      ('request_parked', 'http_request_queue'),
      ('letter_left', 'dead_letter'),
      ('count_limits', 'role_rule'),
      ('a_stamp', 'cancellation'),
      ('carry_out', 'cancellation'),
      ('a_stamp', 'key_lookup'),
      ('carry_out', 'key_lookup'),
      ('a_stamp', 'redelivery'),
      ('carry_out', 'redelivery'),
      ('a_stamp', 'replaying'),
      ('carry_out', 'replaying'),
      ('a_stamp', 'room_check'),
      ('b_redraw', 'room_check'),
      ('carry_out', 'room_check')
  ) p (part, relation)
  left join relations r on r.relname = p.relation
  left join pg_trigger t on t.tgrelid = r.oid
    and t.tgname = p.part
  where coalesce(t.tgenabled, 'D') = 'D'
  union all
  select format('row-level security of net.%s', p.relation)
  from unnest(array['_http_response', 'dead_letter', 'attempts', 'callback', 'sent_request']) p (relation)
  where not exists (
    select
    from relations r
    join pg_policy y on y.polrelid = r.oid
    where r.relname = p.relation
      and r.relrowsecurity
      and y.polname = 'own'
  );
$$;
