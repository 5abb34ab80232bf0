-- API: helper
-- The Idempotency-Key of a request that has none of its own yet: the same for each of its attempts, another for each request,
-- and not to be guessed from outside. Made from the row where it is needed, and so at no cost to who queues, whom a random
-- one would cost more than all other stamps together. The time is part of it as a copy of the database goes on with the same
-- secret and the same ids. The form is that of UUIDv4 (RFC 9562, section 5.4), pseudo-random.
create or replace function net.request_key(secret uuid, id bigint, created timestamptz)
returns uuid
language sql
immutable
parallel safe
return (
  select pg_catalog.encode(
    pg_catalog.set_byte(
      pg_catalog.set_byte(h.bytes, 6, pg_catalog.get_byte(h.bytes, 6) & 15 | 64), 8, pg_catalog.get_byte(h.bytes, 8) & 63 | 128),
    'hex')::uuid
  from (
    select pg_catalog.substring(
      pg_catalog.sha256(pg_catalog.uuid_send(secret) || pg_catalog.int8send(id) || pg_catalog.timestamptz_send(created)), 1, 16)
      as bytes
  ) h
);
