-- API: helper
-- A URL as it is shown: the values of credential-like parameters are replaced. User and password have left it before, see net.check_request.
create or replace function net.mask_url(url text)
returns text
language sql
immutable
parallel safe
return case
  when url operator(pg_catalog.~) '[?#]' then pg_catalog.regexp_replace(
    url,
    '([?&;#](?:sig|[^=&;#]*(?:auth|cookie|token|secret|passw|pwd|credential|signature|session|jwt|bearer|key))=)[^&;#]*',
    '\1***',
    'gi')
  else url
end;
