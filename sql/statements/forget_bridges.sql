-- Deletes the bridges that have not been seen for a day. The table has one row per bridge.
delete from net.bridges b
where b.seen < clock_timestamp() - interval '1 day'
returning b.bridge
