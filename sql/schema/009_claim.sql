-- A claim returns what its requests have in common once, and not with each of them.

-- What these were before this step.
drop function if exists net.claim_due(
  integer, interval, uuid, bigint, bigint, integer, integer, oid, oid[], text[], oid[], integer[], integer[]
);
drop function if exists net.open_lines(oid[], integer[], text[], text[], timestamptz, integer, integer, oid[], integer[], integer[]);
