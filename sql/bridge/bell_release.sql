-- Gives the bell's lock up: awake, and senders may be quiet again.
select pg_advisory_unlock(1885826676, 1) as released
