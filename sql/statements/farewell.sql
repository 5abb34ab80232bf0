-- Replica $1 has stopped; if it was on duty still, another may be. Indexes: replicas_pkey; net.duty is one row.
with duty as (
  update net.duty d
  set replica = null,
    until = '-infinity'
  where d.replica = $1
)
delete from net.replicas r
where r.replica = $1
returning r.replica
