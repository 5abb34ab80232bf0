-- API: helper
-- Whether a header's name speaks of credentials. The list is that of http.CredentialNames, by the vectors of
-- credential-names.txt.
create or replace function net.is_credential(name text)
returns boolean
language sql
immutable
parallel safe
return pg_catalog.lower(name collate "C") operator(pg_catalog.~) 'auth|cookie|key|token|secret|passw|pwd|credential|signature|session|jwt|bearer'
  and pg_catalog.lower(name collate "C") <> 'idempotency-key';
