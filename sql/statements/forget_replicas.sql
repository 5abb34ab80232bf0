-- Forgets the replicas that have not been seen for a day. The table has one row a bridge.
delete from net.replicas r
where r.seen < clock_timestamp() - interval '1 day'
returning r.replica
