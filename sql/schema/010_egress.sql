-- A request that the egress rules of one bridge refuse, and those of another allow, is left to the other.

-- The rules of each bridge, as its options say them. Null of a bridge of the version before.
alter table net.bridges
  add column egress_allow text,
  add column egress_deny text;

-- The bridges that have left it to others. Null of nearly all.
alter table net.http_request_queue
  add column left_by uuid[];
