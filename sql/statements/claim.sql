-- Claims up to $1 requests for replica $3, under a lease of $2 (interval) on the database's clock, and not more than $5
-- bytes of bodies beyond the first. A body of more than $4 bytes stays in the database: such a request fails without being
-- sent. Hosts take turns: from the one after $6 on, around, up to $7 of them, each gives its share, its requests by rank, as
-- far as its rule (net.set_host_rule) and its breaker let it; paused hosts give none. One row at least: the last host that had
-- its turn, whether there may be more, what is held back and until when, and nulls where nothing was claimed.
-- Indexes and locks: see net.claim_due.
select *
from net.claim_due($1::integer, $2::interval, $3::uuid, $4::bigint, $5::bigint, $6::text, $7::integer)
