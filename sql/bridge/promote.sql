-- Makes due up to $1 requests whose time has come, for replica $2, which leaves to others what was seen within $3 (interval),
-- and unless $4 all that they hold; see net.overdue. Returns how many became due, how many of these had been lost, whether any
-- must be looked at for its key, and in how many seconds the next one is due.
-- Indexes and locks: see net.overdue and net.promote; http_request_queue_leased_idx for the rest.
select
  p.promoted,
  p.lost,
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
from net.promote(array(select net.overdue($1::integer, $2::uuid, $3::interval, $4::boolean))) p
