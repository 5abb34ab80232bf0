-- API: private
-- Looks at requests that were queued with an ordering_key, and at keys of which the active request has left: for each of those keys the one that is
-- first in order becomes due, or waits for its time, unless another is active; what else was new to us stays behind. About `batch` keys
-- and requests at once; each role has its part of them. Returns after how many seconds there is more to do, or null: there is not.
-- One bridge at a time looks, so that each sees what the one before has decided. Only what becomes visible while it looks is not
-- seen: new requests are looked at next, and what leaves meanwhile says so (net.pass_turn).
-- Indexes: http_request_queue_later_idx, entered once for each role and read from the start of what is ordered; ordering_turn_at_idx;
-- http_request_queue_order_idx, http_request_queue_active_idx and dead_letter_halt_idx, once for each key: so what waits behind costs nothing.
-- Locks: the row of net.ordering_lock, the turns and the requests that are changed; what another transaction has locked is left for later.
create or replace function net.order_requests(batch integer)
returns double precision
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  role_part integer;
  looked record;
begin
  if not exists (select from net.http_request_queue q where q.state = 'ordered')
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
  begin
    role_part := ceil(batch::double precision / greatest((select count(*) from net.roles_with('ordered')), 1));

    with turns as (
      delete from net.ordering_turn t
      where t.number in (
        select o.number
        from net.ordering_turn o
        where o.at <= clock_timestamp()
        order by o.at
        limit batch
        for update skip locked
      )
      returning t.queued_by, t.ordering_key
    ),
    fresh as materialized (
      select q.*
      from net.roles_with('ordered') r (role)
      cross join lateral (
        select q.id, q.queued_by, q.ordering_key
        from net.http_request_queue q
        where q.state = 'ordered'
          and q.queued_by = r.role
        order by q.due_at
        limit role_part
        for no key update skip locked
      ) q
    ),
    keys as (
      select t.queued_by, t.ordering_key
      from turns t
      union
      select f.queued_by, f.ordering_key
      from fresh f
    ),
    -- One that waits for a look at its idempotency_key is looked at when that is done.
    firsts as materialized (
      select k.queued_by, k.ordering_key, f.id
      from keys k
      cross join lateral (
        select q.id, q.state
        from net.http_request_queue q
        where q.queued_by = k.queued_by
          and q.ordering_key = k.ordering_key
          and q.state in ('ordered', 'behind', 'keyed')
        order by q.ordering_id
        limit 1
      ) f
      where f.state <> 'keyed'
        and not exists (
          select
          from net.http_request_queue q
          where q.queued_by = k.queued_by
            and q.ordering_key = k.ordering_key
            and (q.state in ('due', 'waiting') or q.state = 'parked' and q.on_dead = 'halt')
        )
        and not exists (
          select
          from net.dead_letter d
          where d.queued_by = k.queued_by
            and d.ordering_key = k.ordering_key
            and d.on_dead = 'halt'
        )
    ),
    free as materialized (
      select f.id, f.queued_by
      from firsts f
      cross join lateral (
        select
        from net.http_request_queue q
        where q.id = f.id
          and q.queued_by = f.queued_by
          and q.state in ('ordered', 'behind')
        for no key update skip locked
      ) q
    ),
    active as (
      update net.http_request_queue q
      set state = case when q.due_at > clock_timestamp() then 'waiting' else 'due' end,
        due_at = case when q.due_at > clock_timestamp() then q.due_at end
      from free f
      where q.id = f.id
        and q.queued_by = f.queued_by
    ),
    behind as (
      update net.http_request_queue q
      set state = 'behind'
      from fresh f
      where q.id = f.id
        and q.queued_by = f.queued_by
        and (f.id, f.queued_by) not in (select r.id, r.queued_by from free r)
    ),
    -- Somebody is about to cancel it: whether or not he does, it or the next one is looked at again.
    again as (
      insert into net.ordering_turn (queued_by, ordering_key, at)
      select f.queued_by, f.ordering_key, clock_timestamp() + interval '1 second'
      from firsts f
      where (f.id, f.queued_by) not in (select r.id, r.queued_by from free r)
    )
    select
      (select count(*) from turns) as turns,
      (select count(*) from fresh) as fresh,
      (select count(*) from firsts) - (select count(*) from free) as left_over
    into looked;
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
    when looked.turns + looked.fresh >= least(batch, role_part) then 0.002
    when looked.left_over > 0 then 1
  end;
end
$$;
