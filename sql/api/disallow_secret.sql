-- API: owner
-- Takes back what net.allow_secret has said about a secret, for the hosts of a pattern and a use, or for all; gives how many rules that
-- were. Holds from the next send on. Granted to nobody: the owner's. Index: the primary key.
create or replace function net.disallow_secret(name text, host_pattern text default null, use text default null)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host_pattern);
  taken integer;
begin
  delete from net.secret_rule r
  where r.name = disallow_secret.name
    and (pattern is null or r.host_pattern = pattern)
    and (disallow_secret.use is null or r.use = disallow_secret.use);
  get diagnostics taken = row_count;
  return taken;
end
$$;
