-- The names of the bridges that are alive. No index: the table has one row per bridge.
select b.name
from net.bridges b
where b.seen > clock_timestamp() - interval '15 seconds'
order by b.name
