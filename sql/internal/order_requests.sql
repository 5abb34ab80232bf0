-- API: private
-- Looks at requests that were queued with an ordering_key, and at keys of which the active request has left: for each of those keys the one that is
-- first in order becomes due, or waits for its time, unless another is active; what else was new to us stays behind. Up to `batch` of
-- each; each role has its part. Returns after how many seconds there is more to do, or null: there is not.
-- One bridge at a time looks, so that each sees what the one before has decided. Only what becomes visible while it looks is not
-- seen: new requests are looked at next, and what leaves meanwhile says so (net.pass_turn).
-- Indexes: http_request_queue_later_idx, entered once for each role and read from the start of what is ordered; ordering_turn_at_idx, ordering_turn_pkey, http_request_queue_pkey;
-- http_request_queue_order_idx, http_request_queue_active_idx and dead_letter_halt_idx, once for each key: so what waits behind costs nothing.
-- Locks: the row of net.ordering_lock, the turns and the requests that are changed; what another transaction has locked is left for later.
create or replace function net.order_requests(batch integer)
returns double precision
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  is_fresh constant boolean := exists (select from net.http_request_queue q where q.state = 'ordered');
  senders regrole[];
  role_part integer;
  turns record; fresh record; firsts record;
  -- Of the first ones, those that nobody has locked.
  free bigint[];
begin
  if not is_fresh
    and not exists (select from net.ordering_turn t where t.at <= clock_timestamp())
    -- What was copied from another database stays as it is.
    or exists (select from net.bridge_control c where c.identity = 'copied')
  then
    return null;
  end if;
  perform from net.ordering_lock l for update skip locked;
  if not found then
    return 0.02;
  end if;
  senders := case when is_fresh then array(select net.roles_with('ordered')) else '{}' end;
  role_part := ceil(batch::double precision / greatest(cardinality(senders), 1));
  begin
    with taken as (
      delete from net.ordering_turn t
      where t.number = any (array(
        select o.number
        from net.ordering_turn o
        where o.at <= clock_timestamp()
        order by o.at
        limit batch
        for update skip locked
      ))
      returning t.queued_by, t.ordering_key
    )
    select array_agg(t.queued_by) as roles, array_agg(t.ordering_key) as keys, count(*) as count
    into turns
    from taken t;

    select array_agg(q.queued_by) as roles, array_agg(q.ordering_key) as keys, array_agg(q.id) as ids, count(*) as count
    into fresh
    from unnest(senders) r (role)
    cross join lateral (
      select q.id, q.queued_by, q.ordering_key
      from net.http_request_queue q
      where q.state = 'ordered'
        and q.queued_by = r.role
      order by q.due_at
      limit role_part
      for no key update skip locked
    ) q;

    -- One that waits for a look at its idempotency_key is looked at when that is done.
    select array_agg(k.role) as roles, array_agg(k.key) as keys, array_agg(f.id) as ids
    into firsts
    from (
      select distinct u.role, u.key
      from unnest(turns.roles || fresh.roles, turns.keys || fresh.keys) u (role, key)
    ) k
    cross join lateral (
      select q.id, q.state
      from net.http_request_queue q
      where q.queued_by = k.role
        and q.ordering_key = k.key
        and q.state in ('ordered', 'behind', 'keyed')
      order by q.ordering_id
      limit 1
    ) f
    where f.state <> 'keyed'
      -- Not as a join, of which the planner would think what the statistics say.
      and (
        select true
        from net.http_request_queue q
        where q.queued_by = k.role
          and q.ordering_key = k.key
          and (q.state in ('due', 'waiting') or q.state = 'parked' and q.on_dead = 'halt')
        limit 1
      ) is null
      and (
        select true
        from net.dead_letter d
        where d.queued_by = k.role
          and d.ordering_key = k.key
          and d.on_dead = 'halt'
        limit 1
      ) is null;

    free := array(
      select q.id
      from unnest(firsts.roles, firsts.ids) f (role, id)
      cross join lateral (
        select q.id
        from net.http_request_queue q
        where q.id = f.id
          and q.queued_by = f.role
          and q.state in ('ordered', 'behind')
        for no key update skip locked
      ) q
    );
    -- An id may be another role's as well, where ids were set back. Not as conditions that an index could take, which would be read for them.
    senders := array(select distinct r from unnest(firsts.roles || fresh.roles) r);
    update net.http_request_queue q
    set state = case when q.due_at > clock_timestamp() then 'waiting' else 'due' end,
      due_at = case when q.due_at > clock_timestamp() then q.due_at end
    where q.id = any (free)
      and array_position(senders, q.queued_by) is not null
      and array_position('{ordered,behind}', q.state) is not null;
    update net.http_request_queue q
    set state = 'behind'
    where q.id = any (fresh.ids)
      and array_position(senders, q.queued_by) is not null
      and array_position('{ordered}', q.state) is not null;

    if cardinality(firsts.ids) > cardinality(free) then
      -- Somebody is about to cancel it: whether or not he does, it or the next one is looked at again.
      insert into net.ordering_turn (queued_by, ordering_key, at)
      select f.role, f.key, clock_timestamp() + interval '1 second'
      from unnest(firsts.roles, firsts.keys, firsts.ids) f (role, key, id)
      where f.id <> all (free);
    end if;
  exception
    when others then
      if left(sqlstate, 2) in ('40', '53', '55', '57', '58') then
        raise;
      end if;
      -- Somebody's trigger on the queue, say. All that has no key goes on.
      raise warning 'pgnetty: requests with an ordering_key wait: %', sqlerrm;
      return 1;
  end;
  return case
    when greatest(turns.count, fresh.count) >= least(batch, role_part) then 0.002
    when cardinality(firsts.ids) > cardinality(free) then 1
  end;
end
$$;
