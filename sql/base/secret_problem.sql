-- API: helper
-- What is wrong with the secrets that a text names as {{secret:NAME}}, or null. Where they may be used is asked when they are
-- sent (net.secret_rule).
create or replace function net.secret_problem(text_value text)
returns text
language sql
immutable
parallel safe
return case
  when pg_catalog.regexp_replace(text_value, '[{][{]secret:[A-Za-z0-9][A-Za-z0-9._-]{0,127}[}][}]', '', 'g') like '%{{secret:%'
  then '{{secret:NAME}} needs a name of 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or a digit'
end;
