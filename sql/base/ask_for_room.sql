-- API: private
-- Carries out an order of net.room_check, for a request whose id is beyond net.limit_id, or where roles have limits of their own:
-- whether the queue has room for it, and for one more of this role. Raises when it has not.
-- - The queue holds no more than its limit (--max-queued). When it is full, where anybody but the owner may queue, there is a
--   quarter more for roles that come later: each of them may have three quarters of what the others leave of that.
-- - A role has no more in the queue than its rule says (net.set_role_rule).
-- Counts what is really there, this transaction's own and the one row that comes, and nothing that others have not committed; the
-- whole queue only where its limit is a million or less, and otherwise what a bridge counted last, and the ids given since. So that
-- not every call counts, a count holds for half of the room that it found, and for a thousandth of the limit at least: so there may
-- be that much above the limit. That is written to net.limit_id, which all calls read; and where it holds for this role alone, to
-- a setting of the session, signed with the database's secret, so that nobody can make it up, for as long as the limits are these.
-- Definer, as nobody else may read the queue or move the limit; who gave the order is stamped by net.stamp_order. Indexes: the
-- primary key; http_request_queue_due_idx and http_request_queue_later_idx for what the role has; role_rule_pkey.
create or replace function net.ask_for_room()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  sender constant regrole := new.ordered_by;
  secret constant uuid := (select k.secret from net.key_secret k);
  signed constant text := current_setting('pgnetty.room', true);
  queue record;
  rule record;
  version text;
  is_within boolean;
  counted bigint;
  room bigint;
  mine bigint;
  share bigint;
begin
  select l.max_queued, l.counted, l.counted_id, s.last_value as last_id
  into queue
  from net.queue_limit l,
    net.http_request_queue_id_seq s;
  select max(r.max_queued) as max_queued, max(r.since) as since
  into rule
  from net.role_rule r
  where r.role = sender
    and r.max_queued is not null;
  is_within := queue.last_id <= pg_sequence_last_value('net.limit_id');
  if is_within and rule.max_queued is null then
    return new;
  end if;
  version := concat_ws(' ', queue.max_queued, rule.max_queued, extract(epoch from rule.since));
  if signed = net.signed_room(secret, sender, version, split_part(signed, ' ', 1)) then
    if queue.last_id <= split_part(signed, ' ', 1)::bigint then
      return new;
    end if;
  end if;

  if is_within then
    room := queue.max_queued;
  else
    -- Exact where that is cheap; else some seconds old, for what has left meanwhile.
    if queue.max_queued <= 1000000 then
      queue.counted_id := 0;
      queue.counted := 0;
    end if;
    select queue.counted + 1 + count(*)
    into counted
    from (
      select
      from net.http_request_queue q
      where q.id > queue.counted_id
      limit greatest(queue.max_queued + queue.max_queued / 4 - queue.counted + 1, 0)
    ) since;
    room := queue.max_queued - counted;
  end if;

  if rule.max_queued is not null or room < 0 and net.is_shared() then
    -- As many as it may have at most, and one.
    select 1 + count(*)
    into mine
    from (
      (
        select
        from net.http_request_queue q
        where q.state = 'due'
          and q.queued_by = sender
      )
      union all
      (
        select
        from net.http_request_queue q
        where q.state in ('waiting', 'keyed', 'ordered', 'behind', 'parked')
          and q.queued_by = sender
      )
      limit least(rule.max_queued, queue.max_queued)
    ) mine;
    if mine > rule.max_queued then
      raise exception using
        errcode = 'configuration_limit_exceeded',
        message = format(
          'the queue is full for role %s: its limit of %s requests (net.set_role_rule) is reached',
          sender,
          rule.max_queued
        ),
        hint = 'See what holds them up (pgnetty status), cancel requests that are no longer needed (net.cancel_where), or ask the owner of schema net to raise the limit.';
    end if;
    if room < 0 and net.is_shared() then
      share := queue.max_queued + queue.max_queued / 4 - (counted - mine);
      room := share - share / 4 - mine;
    end if;
  end if;
  if room < 0 then
    raise exception using
      errcode = 'configuration_limit_exceeded',
      message = format(
        'the queue is full: its limit of %s requests (--max-queued) is reached', queue.max_queued),
      hint = 'See what holds them up (pgnetty status), cancel requests that are no longer needed (net.cancel_where), or set a higher --max-queued on all bridges.';
  end if;

  -- An older snapshot may miss requests that wait: what it counts makes room for nobody else.
  if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    if not is_within and counted <= queue.max_queued then
      perform setval('net.limit_id', queue.last_id + greatest((queue.max_queued - counted + 1) / 2, queue.max_queued / 1000));
    end if;
    if rule.max_queued is not null or counted > queue.max_queued then
      room := least(room, rule.max_queued - mine);
      perform set_config(
        'pgnetty.room',
        net.signed_room(
          secret,
          sender,
          version,
          (queue.last_id + greatest((room + 1) / 2, least(rule.max_queued, queue.max_queued) / 1000))::text
        ),
        false
      );
    end if;
  end if;
  return new;
end
$$;
