-- The bell's lock, exclusively: who holds it is asleep, and senders ring (net.ring). While it waits senders ring already, and
-- when it is granted all who were quiet have ended. Waits no longer than the session's lock_timeout.
-- The comment is for who looks at pg_stat_activity.
select pg_advisory_lock(1885826676, 1) /* listen pgnetty: falls asleep */
