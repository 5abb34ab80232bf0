-- Calls the bridges that run: each compares its version with the schema's at once, and ends where they do not fit.
select pg_catalog.pg_notify('pgnetty', 'control');
