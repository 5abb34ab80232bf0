-- API: private
-- Whether no bridge holds a request: it is due, or waits for its time, or is parked, or the lease of its bridge is over.
create or replace function net.is_free(lease_until timestamptz, replica uuid)
returns boolean
language sql
volatile
return lease_until is null
  or replica is null
  or lease_until = 'infinity'
  or lease_until <= pg_catalog.clock_timestamp();
