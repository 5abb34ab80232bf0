-- API: helper
-- For a request whose id is beyond net.limit_id: whether the queue has room for it, and for one more of this role. Raises when
-- it has not.
-- - The queue holds no more than its limit (--max-queued). When it is full, where anybody but the owner may queue, there is a
--   quarter more for roles that come later: each of them may have three quarters of what the others leave of that.
-- - A role has no more in the queue than its rule says (net.set_role_rule).
-- Counts what is really there, this transaction's own and the one row that comes; the whole queue only where its limit is a
-- million or less, and otherwise what a bridge counted last, and the ids given since. So that not every call counts, a count
-- holds for half of the room that it found, and for a thousandth of the limit at least: so there may be so much more than the
-- limit, and exactly the limit where it is below 1000. That is written to net.limit_id, which all calls read; and where it
-- holds for this role alone to a setting of the session, signed with the database's secret, so that nobody can make it up.
-- Definer, as nobody else may read the queue or move the limit; does nothing for an id within the limit. Indexes: the primary
-- key; http_request_queue_due_idx and http_request_queue_later_idx for what the role has.
create or replace function net.check_limit(sender regrole)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  secret constant uuid := (select k.secret from net.key_secret k);
  signed constant text := current_setting('pgnetty.room', true);
  queue record;
  counted bigint;
  room bigint;
  mine bigint;
  role_limit bigint;
  share bigint;
begin
  select l.max_queued, l.counted, l.counted_id, l.by_role, s.last_value as last_id
  into queue
  from net.queue_limit l,
    net.http_request_queue_id_seq s;
  if queue.last_id <= pg_sequence_last_value('net.limit_id') then
    return;
  end if;
  if signed = net.signed_room(secret, sender, split_part(signed, ' ', 1)) then
    if queue.last_id <= split_part(signed, ' ', 1)::bigint then
      return;
    end if;
  end if;

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

  select r.max_queued
  into role_limit
  from net.role_rule r
  where r.role = sender;
  if role_limit is not null or room < 0 and net.is_shared() then
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
        where q.state in ('waiting', 'keyed', 'parked')
          and q.queued_by = sender
      )
      limit least(role_limit, queue.max_queued)
    ) mine;
    if mine > role_limit then
      raise exception using
        errcode = 'configuration_limit_exceeded',
        message = format(
          'the queue has no more room for role %s: its limit of %s requests (net.set_role_rule) is reached, by this call or before it',
          sender,
          role_limit
        ),
        hint = 'See what holds them up (pgnetty status), take back what is not needed any more (net.cancel_where), or have the owner of schema net raise the limit.';
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
        'the queue is full: its limit of %s requests (--max-queued) is reached, by this call or before it', queue.max_queued),
      hint = 'See what holds them up (pgnetty status), take back what is not needed any more (net.cancel_where), or give the bridges a higher --max-queued.';
  end if;

  -- A snapshot that is older may not see the requests that wait: the room that it finds is for nobody else.
  if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    if counted <= queue.max_queued and not queue.by_role then
      perform setval('net.limit_id', queue.last_id + greatest((room + 1) / 2, queue.max_queued / 1000));
    else
      room := least(room, role_limit - mine);
      perform set_config(
        'pgnetty.room',
        net.signed_room(
          secret,
          sender,
          (queue.last_id + greatest((room + 1) / 2, least(role_limit, queue.max_queued) / 1000))::text
        ),
        false
      );
    end if;
  end if;
end
$$;
