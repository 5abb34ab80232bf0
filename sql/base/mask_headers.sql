-- API: helper
-- Headers as they are shown: the values of credential-like names are replaced. The same names do not cross an origin on a
-- redirect (http.CredentialNames).
create or replace function net.mask_headers(headers jsonb)
returns jsonb
language sql
immutable
parallel safe
begin atomic
  select coalesce(
    pg_catalog.jsonb_object_agg(h.key, case when net.is_credential(h.key) then '"***"'::jsonb else h.value end),
    '{}'::jsonb
  )
  from pg_catalog.jsonb_each(headers) h;
end;
