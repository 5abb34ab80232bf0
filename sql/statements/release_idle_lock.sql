-- Releases the idle lock, however often it was granted; the session holds no other. The bridge polls, and senders do not need to
-- notify.
select pg_advisory_unlock_all() /* listen pgnetty: polls */
