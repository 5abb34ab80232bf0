-- Deletes the bridges that have not been seen for a day, and egress rules that no bridge has had for an hour. No index: the tables
-- have one row per bridge, and one for each list of rules.
with rules as (
  delete from net.egress_rules e
  where e.seen < clock_timestamp() - interval '1 hour'
)
delete from net.bridges b
where b.seen < clock_timestamp() - interval '1 day'
returning b.bridge
