-- Gives the bell's lock up, however often it was granted, and nothing else: this session has no other. Awake, and senders may
-- be quiet again.
select pg_advisory_unlock_all() /* listen pgnetty: awake */
