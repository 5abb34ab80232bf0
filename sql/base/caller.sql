-- API: public
-- The role that counts as the one who queues: the effective role where the call is made, as PostgreSQL sees it. That is the
-- role of "set role", and inside a definer function its owner. Who logged in decides nothing: autovacuum, and a superuser's
-- ANALYZE, run the index expressions of others.
create or replace function net.caller()
returns regrole
language sql
stable
parallel safe
return pg_catalog.to_regrole(pg_catalog.quote_ident(current_user::text));
