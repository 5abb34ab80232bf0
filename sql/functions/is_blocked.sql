-- API: private
-- Whether nothing is sent to a host for now: it is paused, or its breaker is open. net.my_requests says the same in its own
-- words, as a view calls functions as the one who reads. Indexes: none on net.paused, which is small; hosts_pkey.
create or replace function net.is_blocked(host text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
      select
      from net.paused p
      where net.host_matches(is_blocked.host, p.host_pattern)
    )
    or exists (
      select
      from net.hosts h
      where h.host = is_blocked.host
        and h.broken_until is not null
    );
end
$$;
