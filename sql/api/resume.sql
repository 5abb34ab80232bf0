-- API: owner
-- Ends the pauses of a pattern and of all that it covers: '*' ends all. False: there was none. Granted to nobody: the
-- owner's.
create or replace function net.resume(host_pattern text default '*')
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host_pattern);
begin
  if host_pattern is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'host_pattern must not be null: ''*'' means all';
  end if;
  delete from net.paused p
  where p.host_pattern = pattern
    or net.host_matches(p.host_pattern, pattern);
  if not found then
    return false;
  end if;
  perform pg_notify('pgnetty', '');
  return true;
end
$$;
