-- API: private
-- Says that a role need not count the queue up to an id while the limits are these (`version`), in a form that only who knows the
-- database's secret can make.
create or replace function net.signed_room(secret uuid, sender regrole, version text, limit_id text)
returns text
language sql
stable
parallel safe
return limit_id || ' ' || pg_catalog.encode(
  pg_catalog.sha256(
    pg_catalog.uuid_send(secret) || pg_catalog.int8send(sender::oid::bigint)
      || pg_catalog.convert_to(pg_catalog.concat_ws('|', version, limit_id), 'SQL_ASCII')
  ),
  'hex'
);
