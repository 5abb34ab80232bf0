-- Sessions whose transaction is open in this database, but for the bridge's: those that may have locked what was to be cleared.
select pg_catalog.format(
  'session %s (%s, %s for %s s): %s', a.pid, coalesce(nullif(a.application_name, ''), a.usename), a.state,
  round(extract(epoch from clock_timestamp() - a.xact_start)), left(a.query, 200)) as session
from pg_catalog.pg_stat_activity a
where a.datname = current_database()
  and a.pid <> pg_backend_pid()
  and a.xact_start < clock_timestamp() - interval '2 seconds'
  and a.backend_type = 'client backend'
order by a.xact_start
limit 5
