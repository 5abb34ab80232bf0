-- API: private
-- Headers as they are shown: the values of credential-like names are replaced.
create or replace function net.mask_headers(headers jsonb)
returns jsonb
language sql
immutable
parallel safe
begin atomic
  select coalesce(
    pg_catalog.jsonb_object_agg(
      h.key,
      case
        when pg_catalog.lower(h.key collate "C") operator(pg_catalog.~) '(authorization|cookie2?|key|token|secret|password|signature)$'
          and pg_catalog.lower(h.key collate "C") <> 'idempotency-key'
        then '"***"'::jsonb
        else h.value
      end
    ),
    '{}'::jsonb
  )
  from pg_catalog.jsonb_each(headers) h;
end;
