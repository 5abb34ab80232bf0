-- The bridges of this database, the most recently seen first. The table has one row per bridge.
select
  b.name,
  b.version,
  case when b.seen > clock_timestamp() - interval '15 seconds' then b.state else 'gone' end as state,
  case when b.seen > clock_timestamp() - interval '15 seconds' then b.in_flight else 0 end as in_flight,
  extract(epoch from clock_timestamp() - b.started)::double precision as up_seconds,
  extract(epoch from clock_timestamp() - b.seen)::double precision as seen_seconds,
  b.egress_allow,
  b.egress_deny
from net.bridges b
order by b.seen desc
limit 50
