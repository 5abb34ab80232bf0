-- API: private
-- What holds for the key of a request that is about to be queued: the id of the request that has it already, or that this
-- one may go into the queue; `unsure` where another transaction may be queueing the same key, so that a bridge looks once
-- more, when it can see both (admit_keyed).
-- Waits for that other transaction, 3 s at most and once a transaction, and takes no lock that anyone waits for: two that
-- name the same keys in opposite order would be a deadlock.
-- Indexes: http_request_queue_key_idx, dead_letter_key_idx, _http_response_key_idx.
create or replace function net.queue_key(
  key text,
  request_fingerprint bytea,
  out same_id bigint,
  out unsure boolean
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role constant regrole := net.caller();
  lock_id constant bigint := net.key_lock(role, key);
  give_up constant timestamptz := clock_timestamp() + interval '3 seconds';
  pause double precision := 0.001;
  found_fingerprint bytea;
begin
  if length(key) not between 1 and 512 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('idempotency_key must have 1 to 512 characters, not %s', length(key));
  end if;

  -- At repeatable read and serializable what others commit is not seen, however long we wait.
  unsure := current_setting('transaction_isolation') not in ('read committed', 'read uncommitted');
  while not unsure and not pg_try_advisory_xact_lock(lock_id) loop
    if clock_timestamp() > give_up or current_setting('pgnetty.waited', true) = pg_current_xact_id()::text then
      unsure := true;
      perform set_config('pgnetty.waited', pg_current_xact_id()::text, true);
    else
      perform pg_sleep(pause);
      pause := least(pause * 2, 0.05);
    end if;
  end loop;

  select named.id, named.fingerprint
  into same_id, found_fingerprint
  from (
    (
      select 1 as place, q.id, q.fingerprint
      from net.http_request_queue q
      where q.queued_by = role
        and q.dedupe_key = key
      order by q.id
      limit 1
    )
    union all
    (
      select 2, coalesce(r.same_as, r.id), r.fingerprint
      from net._http_response r
      where r.queued_by = role
        and r.dedupe_key = key
      order by r.id desc
      limit 1
    )
    union all
    (
      select 3, d.id, d.fingerprint
      from net.dead_letter d
      where d.queued_by = role
        and d.dedupe_key = key
      order by d.id desc
      limit 1
    )
  ) named
  order by named.place
  limit 1;

  if found_fingerprint <> request_fingerprint then
    raise exception using
      errcode = 'unique_violation',
      message = format('idempotency_key %s belongs to request %s, which has another method, URL or body', to_json(key), same_id),
      hint = 'Give another request another key.';
  end if;
end
$$;
