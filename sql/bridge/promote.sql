-- Makes due up to $1 requests whose time has come: a schedule, a retry, or the lease of a bridge that died or was cut off
-- for longer. What replica $2 holds itself is left to it: it knows what became of that. And so is what another holds that
-- was seen within $3 (interval), and, unless $4, what any other holds: after an outage that was longer than the leases they
-- have their answers still, and are heard again a moment later. Returns how many became due, how
-- many of these had been lost, whether any must be looked at for its key, and in how many seconds the next one is due.
-- Index: http_request_queue_leased_idx, as large as what is held or waits for its time, read from its start; it serves
-- now() and would not serve clock_timestamp(). Locks: the rows; locked ones are skipped.
with over as materialized (
  select q.id, q.attempt, q.queued_by, q.lease_until, q.replica
  from net.http_request_queue q
  where q.lease_until <= now()
    and q.lease_until > '-infinity'
    and (
      q.replica is null
      or $4
        and q.replica <> $2
        and not exists (
          select
          from net.replicas r
          where r.replica = q.replica
            and r.seen > now() - $3::interval
        )
    )
  order by q.lease_until
  limit $1
  for no key update skip locked
),
lost as (
  insert into net.attempts (id, attempt, started, failure, error_msg, replica, queued_by)
  select
    o.id,
    o.attempt,
    o.lease_until,
    'lost',
    'Lost with its bridge, whose lease was over; it may have reached the target',
    (
      select r.name
      from net.replicas r
      where r.replica = o.replica
    ),
    o.queued_by
  from over o
  where o.replica is not null
  on conflict do nothing
  returning id
),
promoted as (
  update net.http_request_queue q
  set lease_until = null,
    replica = null
  from over o
  where q.id = o.id
  returning q.id
)
select
  (select count(*) from promoted) as promoted,
  (select count(*) from lost) as lost,
  exists (
    select
    from net.http_request_queue q
    where q.lease_until = '-infinity'
  ) as keyed,
  (
    select extract(epoch from min(q.lease_until) - clock_timestamp())::double precision
    from net.http_request_queue q
    where q.lease_until > now()
      and q.lease_until < 'infinity'
  ) as next_seconds
