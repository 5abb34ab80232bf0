-- A request that the egress rules of one bridge refuse, and those of another allow, is left to the other.

-- The rules of each bridge, as its options say them. Null of a bridge of the version before.
alter table net.bridges
  add column egress_allow text,
  add column egress_deny text;

-- The rules that bridges have, or had some minutes ago: one that is being replaced is waited for.
create table net.egress_rules (
  -- Of both lists, which are too long for an index.
  hash bigint primary key,
  allow text not null,
  deny text not null,
  -- The bridge that said so first.
  name text not null,
  seen timestamptz not null default pg_catalog.clock_timestamp()
);

perform net.keep_private('{net.egress_rules}');

-- What these were before this step.
drop function if exists net.claim_due(
  integer, interval, uuid, bigint, bigint, integer, integer, oid, oid[], text[], oid[], integer[], integer[]
);
drop function if exists net.due_lines(oid, oid[], text[], integer);
