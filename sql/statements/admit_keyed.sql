-- Decides up to $1 requests that were queued while another with the same key was. Indexes: see net.admit_keyed.
select net.admit_keyed($1) as decided
