-- Records that bridge $1 has stopped. If it was the leader, another bridge can become it at once.
-- Indexes: bridges_pkey; net.leader is one row.
with leadership as (
  update net.leader l
  set bridge = null,
    until = '-infinity'
  where l.bridge = $1
)
delete from net.bridges b
where b.bridge = $1
returning b.bridge
