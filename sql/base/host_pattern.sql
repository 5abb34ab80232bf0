-- API: helper
-- A pattern of hosts as it is compared with a host; raises when it is not one. Null is null.
create or replace function net.host_pattern(pattern text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  bare constant text := regexp_replace(pattern, ':[0-9]*$', '');
  port constant text := ltrim(substring(pattern, ':([0-9]*)$'), '0');
  name constant text := case
    when bare = '*' then '*'
    when left(bare, 2) = '*.' then '*.' || net.canonical_host(substr(bare, 3))
    else net.canonical_host(bare)
  end;
begin
  if pattern is not null and (name is null or pattern ~ ':0*$' or length(port) > 5 or port::integer > 65535) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('%s is not a valid host pattern', to_json(left(pattern, 300))),
      hint = 'Write a host, *.example.com, or * for all hosts, each with :port if wanted.';
  end if;
  return name || coalesce(':' || port, '');
end
$$;
