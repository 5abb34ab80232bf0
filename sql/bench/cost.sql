-- The server's processes that work in this database, and how much it has logged so far, in bytes.
select array_agg(a.pid) as pids, (pg_current_wal_insert_lsn() - '0/0')::bigint as wal
from pg_stat_activity a
where a.datname = current_database()
  and a.backend_type = 'client backend'
