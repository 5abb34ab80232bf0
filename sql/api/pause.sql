-- API: owner
-- Sends nothing more to the hosts of a pattern; everything waits. What is in flight goes on. Every claim reads it, so it
-- holds as soon as it is committed. False: it was paused already. Granted to nobody: the owner's.
create or replace function net.pause(host_pattern text default '*')
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if host_pattern is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'host_pattern must not be null: ''*'' means all';
  end if;
  insert into net.paused (host_pattern, paused_by)
  values (net.host_pattern(host_pattern), net.caller())
  on conflict do nothing;
  return found;
end
$$;
