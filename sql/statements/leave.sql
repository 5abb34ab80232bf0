-- Records that bridge $1 has stopped. If it was the leader, another bridge can become it at once.
-- Indexes: bridges_pkey; net.leader is one row. Locks: that row first, as a heartbeat does.
with leadership as (
  update net.leader l
  set bridge = null,
    until = '-infinity'
  where l.bridge = $1
  returning l.until
),
given_up as materialized (
  select count(*) as leaders
  from leadership l
)
delete from net.bridges b
using given_up g
where b.bridge = $1
  and g.leaders >= 0
returning b.bridge
