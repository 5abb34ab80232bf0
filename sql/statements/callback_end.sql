-- Ends the session with process $1 of role $2, whose function has not ended in time and may go on for ever; nothing where it has ended. No index.
select coalesce(bool_or(pg_terminate_backend(a.pid)), false) as ended
from pg_stat_activity a
where a.pid = $1
  and a.usename = $2
