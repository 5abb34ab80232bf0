-- API: owner
-- Takes the rule of a pattern back; true when there was one. Without the rule for '*' the defaults hold: its row stays. Granted
-- to nobody: the owner's.
create or replace function net.drop_host_rule(host_pattern text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host_pattern);
begin
  if pattern = '*' then
    update net.host_rule r
    set max_in_flight = null,
      per_second = null,
      break_failure_rate = null,
      break_min_requests = null,
      break_for = null,
      set_by = net.caller(),
      since = clock_timestamp()
    where r.host_pattern = pattern
      and num_nonnulls(r.max_in_flight, r.per_second, r.break_failure_rate, r.break_min_requests, r.break_for) > 0;
  else
    delete from net.host_rule r
    where r.host_pattern = pattern;
  end if;
  if found then
    perform pg_notify('pgnetty', 'control');
    return true;
  end if;
  return false;
end
$$;
