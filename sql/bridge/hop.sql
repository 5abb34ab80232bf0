-- Whether attempt $2 of request $1 may go on to host $3, to which a redirect leads. Indexes and locks: see net.hop.
select h.problem, h.wait_seconds
from net.hop($1::bigint, $2::integer, $3::text) h
