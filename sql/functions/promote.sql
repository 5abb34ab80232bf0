-- API: private
-- Makes the given requests due, whose time has come; `promoted`: how many, `lost`: how many of these had been held by a bridge
-- that let its lease run out. One that was lost three times may be what its bridges died of: it is parked with that reason, and
-- not sent again.
-- Indexes: http_request_queue_pkey, replicas_pkey, attempts_pkey. Locks: the rows.
create or replace function net.promote(ids bigint[], out promoted bigint, out lost bigint)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with held as materialized (
    select q.id, q.attempt, q.queued_by, q.lease_until, q.replica
    from net.http_request_queue q
    where q.id = any (ids)
  ),
  told as (
    insert into net.attempts (id, attempt, started, failure, error_msg, replica, queued_by)
    select
      h.id,
      h.attempt,
      h.lease_until,
      'lost',
      'Lost with its bridge, whose lease was over; it may have reached the target',
      (
        select r.name
        from net.replicas r
        where r.replica = h.replica
      ),
      h.queued_by
    from held h
    where h.replica is not null
    on conflict do nothing
  ),
  due as (
    update net.http_request_queue q
    set replica = null,
      host = coalesce(q.home_host, q.host),
      home_host = null,
      losses = q.losses + case when h.replica is null then 0 else 1 end,
      lease_until = case when h.replica is not null and q.losses >= 2 then 'infinity'::timestamptz end,
      -- Of a parked one: since when it is.
      rank = case when h.replica is not null and q.losses >= 2 then clock_timestamp() else q.rank end,
      error_msg = case
        when h.replica is not null and q.losses >= 2 then
          'Lost 3 times with its bridge, and not sent again: the bridges may have died of it. It may have reached the target'
        else q.error_msg
      end
    from held h
    where q.id = h.id
    returning h.replica is not null as lost
  )
  select
    count(*),
    count(*) filter (where d.lost)
  from due d
$$;
