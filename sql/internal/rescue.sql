-- API: private
-- Gives back what the leases hold that are over: their bridge died, or was cut off for longer. Up to `batch` leases; gives how
-- many requests. What bridge `self` holds itself is left to it: it knows what became of that. And so is what another holds that
-- was seen within `seen_within`: after an outage that was longer than the leases it has its answers still, and is heard again
-- a moment later.
-- A request that was lost three times may be what its bridges died of: it is parked with that reason, and not sent again.
-- Indexes: net.lease is as large as what is in flight, and read whole; http_request_queue_pkey, bridges_pkey, attempts_pkey,
-- hop_slot_id_idx. Locks: the leases by number, then the rows; locked leases are skipped.
create or replace function net.rescue(batch integer, self uuid, seen_within interval)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with dead as materialized (
    select l.number, l.bridge, l.role, l.until, l.ids
    from net.lease l
    where l.until <= clock_timestamp()
      and l.bridge <> self
      and not exists (
        select
        from net.bridges r
        where r.bridge = l.bridge
          and r.seen > now() - seen_within
      )
    order by l.number
    limit batch
    for update of l skip locked
  ),
  over as (
    delete from net.lease l
    using dead d
    where l.number = d.number
  ),
  lost as materialized (
    select d.bridge, d.role, d.until, i.id
    from dead d
    cross join lateral unnest(d.ids) i (id)
  ),
  left_hosts as (
    delete from net.hop_slot s
    using lost l
    where s.id = l.id
  ),
  given_back as (
    update net.http_request_queue q
    set attempt = q.attempt + 1,
      losses = q.losses + 1,
      state = case when q.losses >= 2 then 'parked' else q.state end,
      due_at = case when q.losses >= 2 then clock_timestamp() else q.due_at end,
      error_msg = case
        when q.losses >= 2 then
          'Lost 3 times with its bridge, and not sent again: the bridges may have died of it. It may have reached the target'
        else q.error_msg
      end
    from lost l
    where q.id = l.id
      and q.queued_by = l.role
    returning q.id, q.attempt, q.queued_by, l.bridge, l.until
  ),
  told as (
    insert into net.attempts (id, attempt, started, failure, error_msg, bridge, queued_by)
    select
      g.id,
      g.attempt,
      g.until,
      'lost',
      'Lost with its bridge, whose lease was over; it may have reached the target',
      (
        select r.name
        from net.bridges r
        where r.bridge = g.bridge
      ),
      g.queued_by
    from given_back g
    on conflict do nothing
  )
  select count(*)
  from given_back
$$;
