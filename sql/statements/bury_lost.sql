-- Makes dead letters of up to $1 requests that were lost too often. Indexes and locks: see net.bury_lost.
select net.bury_lost($1::integer) as buried
