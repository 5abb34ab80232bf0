-- API: helper
-- Whether this is a function of one bigint as regprocedure writes it, with its schema, which is neither PostgreSQL's own nor ours.
create or replace function net.is_callback(function text)
returns boolean
language sql
immutable
parallel safe
return length(function) <= 300
  and function !~ '^"?(?:pg_catalog|net|information_schema)"?[.]'
  and function ~ '^(?:[a-z_][a-z0-9_]*|"(?:[^"]|"")+")[.](?:[a-z_][a-z0-9_]*|"(?:[^"]|"")+")[(]bigint[)]$';
