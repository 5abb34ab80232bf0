-- As promote, one by one; a request that cannot be made due is parked with the reason. Parameters as there.
-- Indexes and locks: see net.promote_each.
select p.promoted, p.lost
from net.promote_each($1::integer, $2::uuid, $3::interval, $4::boolean) p
