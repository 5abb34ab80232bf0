-- API: owner
-- Takes the rule of a pattern back; true when there was one. Granted to nobody: the owner's.
create or replace function net.drop_host_rule(host_pattern text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from net.host_rule r
  where r.host_pattern = net.host_pattern(drop_host_rule.host_pattern);
  if found then
    perform pg_notify('pgnetty', '');
    return true;
  end if;
  return false;
end
$$;
