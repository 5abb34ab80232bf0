-- API: private
-- Looks at requests that were queued while another with the same key was, and decides up to `batch` of them: one becomes due,
-- or goes back to its time, or to its place in the order of its ordering_key; the others leave the queue with a response that points to it. Returns how many it decided.
-- For the bridges. One at a time, by the lock on the row of queue_limit; and with the lock of the key's slot, or a transaction
-- that has looked already could queue it now: where one holds it, the request waits. A statement that follows a lock sees what
-- was committed before, as one that takes the lock itself would not.
-- A request that cannot be decided is parked with the reason, and holds up no other.
-- Indexes: http_request_queue_later_idx, key_slot_pkey and the keys'.
create or replace function net.admit_keyed(batch integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Of the requests with one key the first: read in the order of its index, not all and then sorted.
set enable_bitmapscan = off
set enable_seqscan = off
set jit = off
as $$
declare
  request record;
  other record;
  key_slot integer;
  decided integer := 0;
  busy regrole[] := '{}';
begin
  perform from net.queue_limit l for update;

  for request in
    -- One of each role, and again: none waits for all of another's.
    select q.id, q.queued_by, q.dedupe_key, q.fingerprint
    from (
      select k.id, row_number() over (partition by k.queued_by order by k.id) as nth
      from net.http_request_queue k
      where k.state = 'keyed'
    ) k
    join net.http_request_queue q on q.id = k.id
    where q.state = 'keyed'
    order by k.nth, k.id
    for update of q skip locked
  loop
    exit when decided >= batch;
    -- Nobody is waited for; a role whose slots another transaction is making just now has its turn later.
    continue when request.queued_by = any (busy);
    if not net.has_key_slots(request.queued_by, '5ms') then
      busy := busy || request.queued_by;
      continue;
    end if;
    key_slot := net.slot_of(request.dedupe_key);
    perform
    from net.key_slot s
    where s.queued_by = request.queued_by
      and s.slot = key_slot
    for update skip locked;
    continue when not found;
    decided := decided + 1;
    select same.id, same.fingerprint
    into other
    from (
      (
        select q.id, q.fingerprint
        from net.http_request_queue q
        where net.key_hash(q.queued_by, q.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and q.queued_by = request.queued_by
          and q.dedupe_key = request.dedupe_key
          and q.id <> request.id
          and (q.state <> 'keyed' or q.id < request.id)
        order by net.key_hash(q.queued_by, q.dedupe_key), q.id
        limit 1
      )
      union all
      (
        select r.id, r.fingerprint
        from net._http_response r
        where net.key_hash(r.queued_by, r.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and r.queued_by = request.queued_by
          and r.dedupe_key = request.dedupe_key
          and r.same_as is null
        order by net.key_hash(r.queued_by, r.dedupe_key), r.id
        limit 1
      )
      union all
      (
        select d.id, d.fingerprint
        from net.dead_letter d
        where net.key_hash(d.queued_by, d.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and d.queued_by = request.queued_by
          and d.dedupe_key = request.dedupe_key
        order by net.key_hash(d.queued_by, d.dedupe_key), d.id
        limit 1
      )
    ) same
    order by same.id
    limit 1;

    begin
      if other.id is null then
        update net.http_request_queue q
        set state = case
            when q.ordering_key is not null then 'ordered'
            when q.due_at > clock_timestamp() then 'waiting'
            else 'due'
          end,
          due_at = case when q.due_at > clock_timestamp() then q.due_at end
        where q.id = request.id;
      else
        with gone as (
          delete from net.http_request_queue q
          where q.id = request.id
          returning q.id, q.queued_by, q.method, q.url, q.host, q.created, q.max_attempts
        )
        insert into net._http_response (id, timed_out, error_msg, queued_by, same_as, method, url, host, queued, attempt, max_attempts)
        select
          g.id,
          false,
          case
            when other.fingerprint = request.fingerprint then format('Not sent: request %s has the same idempotency_key', other.id)
            else format(
              'Not sent: its idempotency_key belongs to request %s, which has another method, URL or body', other.id)
          end,
          g.queued_by,
          case when other.fingerprint = request.fingerprint then other.id end,
          g.method,
          net.mask_url(g.url),
          g.host,
          g.created,
          0,
          g.max_attempts
        from gone g;
        perform net.raise_known_id(request.id);
      end if;
    exception
      when others then
        if left(sqlstate, 2) in ('40', '53', '55', '57', '58') then
          -- It passes: not the row's fault.
          raise;
        end if;
        -- A user's trigger on the responses refuses it, say: it alone stays, and says so.
        update net.http_request_queue q
        set state = 'parked',
          -- Where another of its ordering_key is active, it cannot hold the others up as well.
          on_dead = null,
          due_at = clock_timestamp(),
          error_msg = case
            when other.id is null then format('Not sent: its idempotency_key could not be checked: %s', sqlerrm)
            else format('Not sent: request %s has the same idempotency_key; this could not be stored: %s', other.id, sqlerrm)
          end
        where q.id = request.id;
    end;
  end loop;
  return decided;
end
$$;
