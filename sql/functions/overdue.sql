-- API: private
-- Up to `batch` requests whose time has come: a schedule, a retry, or the lease of a bridge that died or was cut off for
-- longer. What bridge `self` holds itself is left to it: it knows what became of that. And so is what another holds that was
-- seen within `seen_within`, and, unless `take_over`, what any other holds: after an outage that was longer than the leases
-- they have their answers still, and are heard again a moment later.
-- Index: http_request_queue_leased_idx, as large as what is held or waits for its time, read from its start; it serves
-- now() and would not serve clock_timestamp(). Locks: the rows; locked ones are skipped.
create or replace function net.overdue(batch integer, self uuid, seen_within interval, take_over boolean)
returns setof bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select q.id
  from net.http_request_queue q
  where q.lease_until <= now()
    and q.lease_until > '-infinity'
    and (
      q.replica is null
      or take_over
        and q.replica <> self
        and not exists (
          select
          from net.replicas r
          where r.replica = q.replica
            and r.seen > now() - seen_within
        )
    )
  order by q.lease_until
  limit batch
  for no key update skip locked
$$;
