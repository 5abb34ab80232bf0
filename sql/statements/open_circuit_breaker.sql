-- Opens the circuit breaker of host $1 for $2 (interval), longer each time that a probe ($3) has failed, up to eight times as long.
-- Returns for how many seconds; nothing where it is open already, or, for a probe, was closed meanwhile. Index: hosts_pkey.
-- Locks: the row.
update net.hosts h
set breaker_open_until = clock_timestamp() + $2::interval * power(2::double precision, h.openings::double precision),
  openings = least(h.openings + 1, 3)
where h.host = $1
  and (case when $3 then h.breaker_open_until is not null else h.breaker_open_until is null end)
returning extract(epoch from h.breaker_open_until - clock_timestamp())::double precision as seconds
