-- Claims up to $1 requests for bridge $3, under a lease of $2 (interval) on the database's clock, and not more than $5 bytes of
-- bodies beyond the first. A body of more than $4 bytes stays in the database: such a request fails without being sent. The
-- bridge has $7 slots; of the roles $11 it holds $12 requests, $13 of them slow. Roles take turns from the one after $8 on, and
-- the hosts of the roles $9 from those after $10 on; up to $6 hosts are looked at, not those of $14. See net.open_lines for how much each may
-- give. The rows without an id are about what was looked at; each of the others is a request.
-- Indexes and locks: see net.claim_due.
select *
from net.claim_due(
  $1::integer, $2::interval, $3::uuid, $4::bigint, $5::bigint, $6::integer, $7::integer, $8::bigint::oid, $9::bigint[]::oid[],
  $10::text[], $14::text[], $11::bigint[]::oid[], $12::integer[], $13::integer[]
)
