-- Whether this server only follows another one. No index: no table.
select pg_is_in_recovery() as standby
