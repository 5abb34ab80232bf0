-- Who has the bell's lock and keeps replica $1, which is on duty, from it. A bridge's own session that is left from before, and
-- that of a bridge that has not been seen for $2 (interval), are ended: only who has our role can name itself so. Nothing of
-- ours holds it for longer than a moment otherwise. Run by the session that asked.
-- No index: the lock has few holders, net.replicas one row a bridge.
with holders as materialized (
  select
    l.pid,
    a.usename,
    case
      when a.usename = current_user and a.application_name like 'pgnetty bell %' then substr(a.application_name, 14)
    end as replica
  from pg_locks l
  left join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory'
    and l.database = (
      select d.oid
      from pg_database d
      where d.datname = current_database()
    )
    and l.classid = 1885826676::oid
    and l.objid = 1::oid
    and l.objsubid = 2::smallint
    and l.mode = 'ExclusiveLock'
    and l.granted
    and l.pid <> pg_backend_pid()
)
select
  h.pid,
  coalesce(h.usename, 'unknown')::text as role,
  h.replica is not null as ours,
  case
    when h.replica = $1::text
      or h.replica is not null
        and not exists (
          select
          from net.replicas r
          where r.replica::text = h.replica
            and r.seen > clock_timestamp() - $2::interval
        )
    then pg_terminate_backend(h.pid)
    else false
  end as ended
from holders h
