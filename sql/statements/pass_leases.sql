-- Moves the numbers of leases past $1, the highest that a bridge has seen, where the database does not know it any more: a failover to a
-- standby that was behind gives numbers again, and what the bridge still holds must not be taken for what it claims then. Returns the
-- number that it was moved to; nothing where it was ahead. No index: a sequence.
select setval('net.lease_number_seq', $1::bigint + 1000) as number
where $1::bigint > coalesce(pg_sequence_last_value('net.lease_number_seq'), 0)
