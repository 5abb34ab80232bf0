-- As promote, one by one; a request that cannot be made due is parked with the reason. Indexes and locks: see net.promote_each.
select net.promote_each($1::integer) as promoted
