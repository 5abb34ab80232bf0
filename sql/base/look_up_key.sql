-- API: private
-- Carries out an order of net.key_lookup: what holds for the key of a request that is about to be queued. `same_id`: the
-- request that has it already; null where this one may go into the queue; `unsure` where another transaction may be queueing
-- the same key, so that a bridge looks once more, when it can see both (net.admit_keyed).
-- Waits for that other transaction, 3 s at most and once a transaction. What it waits for is a row of net.key_slot, which only
-- an order of the same role can lock: an advisory lock could be held by anybody. It tries, and does not queue for the lock: two
-- that name the same keys in opposite order would be a deadlock.
-- Definer, as nobody may read keys but by row-level security, which comes before any index; who gave the order is stamped by
-- net.stamp_order.
-- Indexes: key_slot_pkey, http_request_queue_key_idx, dead_letter_key_idx, _http_response_key_idx. Locks: the slot's row.
create or replace function net.look_up_key()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  key_slot constant integer := net.slot_of(new.key);
  give_up constant timestamptz := clock_timestamp() + interval '3 seconds';
  pause double precision := 0.001;
  found_fingerprint bytea;
begin
  if length(new.key) not between 1 and 512 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('idempotency_key must have 1 to 512 characters, not %s', length(new.key));
  end if;

  -- At repeatable read and serializable what others commit is not seen, however long we wait.
  new.unsure := current_setting('transaction_isolation') not in ('read committed', 'read uncommitted')
    or not net.has_key_slots(new.ordered_by, '3s');
  while not new.unsure loop
    perform
    from net.key_slot s
    where s.queued_by = new.ordered_by
      and s.slot = key_slot
    for update skip locked;
    exit when found;
    if clock_timestamp() > give_up or current_setting('pgnetty.waited', true) = pg_current_xact_id()::text then
      new.unsure := true;
      perform set_config('pgnetty.waited', pg_current_xact_id()::text, true);
    else
      perform pg_sleep(pause);
      pause := least(pause * 2, 0.05);
    end if;
  end loop;

  select named.id, named.fingerprint
  into new.same_id, found_fingerprint
  from (
    (
      select 1 as place, q.id, q.fingerprint
      from net.http_request_queue q
      where net.key_hash(q.queued_by, q.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and q.queued_by = new.ordered_by
        and q.dedupe_key = new.key
      order by q.id
      limit 1
    )
    union all
    (
      select 2, coalesce(r.same_as, r.id), r.fingerprint
      from net._http_response r
      where net.key_hash(r.queued_by, r.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and r.queued_by = new.ordered_by
        and r.dedupe_key = new.key
      order by r.id desc
      limit 1
    )
    union all
    (
      select 3, d.id, d.fingerprint
      from net.dead_letter d
      where net.key_hash(d.queued_by, d.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and d.queued_by = new.ordered_by
        and d.dedupe_key = new.key
      order by d.id desc
      limit 1
    )
  ) named
  order by named.place
  limit 1;

  if found_fingerprint <> new.fingerprint then
    raise exception using
      errcode = 'unique_violation',
      message = format('idempotency_key %s belongs to request %s, which has another method, URL or body', to_json(new.key), new.same_id),
      hint = 'Give another request another key.';
  end if;
  return new;
end
$$;
