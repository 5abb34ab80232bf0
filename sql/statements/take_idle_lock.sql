-- Takes the idle lock, exclusively: the session that holds it does not poll, and senders notify (net.notify_bridges). While it
-- waits senders notify already; when it is granted, all transactions that did not notify have ended. It waits no longer than the
-- session's lock_timeout.
-- The comment in the statement is for people who look at pg_stat_activity.
select pg_advisory_lock(1885826676, 1) /* listen pgnetty: stops polling */
