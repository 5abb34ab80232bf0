-- The bridges of this database, those seen of late first. The table has one row a bridge.
select
  r.name,
  r.version,
  case when r.seen > clock_timestamp() - interval '15 seconds' then r.state else 'gone' end as state,
  case when r.seen > clock_timestamp() - interval '15 seconds' then r.in_flight else 0 end as in_flight,
  extract(epoch from clock_timestamp() - r.started)::double precision as up_seconds,
  extract(epoch from clock_timestamp() - r.seen)::double precision as seen_seconds
from net.replicas r
order by r.seen desc
limit 50
