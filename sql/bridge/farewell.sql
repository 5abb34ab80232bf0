-- Replica $1 has stopped. Index: replicas_pkey.
delete from net.replicas r
where r.replica = $1
returning r.replica
