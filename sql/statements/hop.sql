-- Whether request $1, of lease $2, may go on to host $3, to which a redirect leads. Indexes and locks: see net.hop.
select h.problem, h.wait_seconds
from net.hop($1::bigint, $2::bigint, $3::text) h
