-- Ends the session with process $1 of the same role, whose function has not ended in time and may go on for ever. No index.
select coalesce(bool_or(pg_terminate_backend(a.pid)), false) as ended
from pg_stat_activity a
where a.pid = $1
  and a.usename = current_user
