-- API: helper
-- The Idempotency-Key of a request that has none of its own yet: the same for each of its attempts, another for each request,
-- and not to be guessed from outside. Made from the row where it is needed, and so at no cost to who queues, whom a random
-- one would cost more than all other stamps together. The time is part of it as a copy of the database goes on with the same
-- secret and the same ids. The form is that of UUIDv4 (RFC 9562, section 5.4), pseudo-random. One expression, so that it is a
-- part of the statement that needs it.
create or replace function net.request_key(secret uuid, id bigint, created timestamptz)
returns uuid
language sql
immutable
parallel safe
return pg_catalog.overlay(
  pg_catalog.overlay(
    pg_catalog.left(
      pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.uuid_send(secret) || pg_catalog.int8send(id) || pg_catalog.timestamptz_send(created)),
        'hex'
      ),
      32
    ),
    '4', 13, 1
  ),
  'a', 17, 1
)::uuid;
