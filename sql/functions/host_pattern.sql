-- API: private
-- A pattern of hosts as it is compared with a host; raises when it is none. Null is null.
create or replace function net.host_pattern(pattern text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  bare constant text := rtrim(regexp_replace(lower(pattern collate "C"), ':[0-9]*$', ''), '.');
begin
  if pattern is not null
    and (
      bare !~ '^([*]|([*][.])?[^][*:/?#@[:space:]]+|[[][0-9a-f:.]+[]])$'
      or pattern ~ ':$'
      or length(pattern) > 300
    )
  then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('%s is no host pattern', to_json(left(pattern, 300))),
      hint = 'Write a host, *.example.com, or * for all hosts, each with :port if wanted.';
  end if;
  return bare || coalesce(substring(pattern, ':[0-9]+$'), '');
end
$$;
