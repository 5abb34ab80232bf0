-- Calls the other bridges: there is more than one of them can carry, and senders are quiet.
select pg_notify('pgnetty', '')
