-- Gives back what up to $1 leases hold that are over, unless they are of bridge $2 or of one that was seen within $3 (interval).
-- Returns how many requests, and in how many seconds the next lease is over. Indexes and locks: see net.rescue.
select
  r.lost,
  (
    select extract(epoch from min(l.until) - clock_timestamp())::double precision
    from net.lease l
    where l.until > clock_timestamp()
      and l.bridge <> $2
  ) as next_seconds
from net.rescue($1::integer, $2::uuid, $3::interval) r (lost)
