-- The sessions that hold the idle lock and keep it from bridge $1, the leader, which has asked for it in this session. A session that
-- this bridge left behind, and one of a bridge that has not been seen for $2 (interval), is ended: only our own role can name itself
-- like that. Nothing else of ours holds the lock for longer than a moment.
-- No index: the lock has few holders, and net.bridges one row per bridge.
with holders as materialized (
  select
    l.pid,
    a.usename,
    case
      when a.usename = current_user then substring(a.application_name, '^pgnetty (?:bell|listen) (.*)$')
    end as bridge
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
  h.bridge is not null as ours,
  case
    when h.bridge = $1::text
      or h.bridge is not null
        and not exists (
          select
          from net.bridges b
          where b.bridge::text = h.bridge
            and b.seen > clock_timestamp() - $2::interval
        )
    then pg_terminate_backend(h.pid)
    else false
  end as ended
from holders h
