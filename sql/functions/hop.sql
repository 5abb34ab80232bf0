-- API: private
-- Whether attempt `attempt` of a request may go on to another host, to which a redirect leads: `problem` where it may not;
-- else, in `wait_seconds`, when to ask again where the host's rule does not let it go now, and null where it goes. It takes a
-- slot of that host then, by the row's own host, until it ends; home_host says where it belongs.
-- Indexes: hosts_pkey, host_rule_pkey, http_request_queue_held_idx as far as the host's slots go, http_request_queue_pkey.
-- Locks: the row of net.hosts, then the request's.
create or replace function net.hop(
  request_id bigint,
  attempt integer,
  host text,
  out problem text,
  out wait_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  started constant timestamptz := clock_timestamp();
  place record;
  slots integer;
  rate double precision;
  taken bigint;
begin
  insert into net.hosts as h (host, patterns)
  select host, net.patterns_of(host)
  where not exists (
    select
    from net.hosts known
    where known.host = hop.host
  )
  on conflict do nothing;

  select h.patterns, h.paced_until, h.broken_until
  into place
  from net.hosts h
  where h.host = hop.host;

  if exists (
    select
    from net.paused p
    where p.host_pattern = any (place.patterns)
  ) then
    problem := 'which is paused (net.pause)';
    return;
  end if;
  if place.broken_until is not null then
    problem := 'whose circuit breaker is open';
    return;
  end if;

  select
    coalesce(own.max_in_flight, fallback.max_in_flight, 64),
    nullif(coalesce(own.per_second, fallback.per_second), 'infinity')
  into slots, rate
  from (select) one
  left join lateral (
    select r.*
    from net.host_rule r
    where r.host_pattern = any (place.patterns)
    order by array_position(place.patterns, r.host_pattern)
    limit 1
  ) own on true
  left join net.host_rule fallback on fallback.host_pattern = '*';

  -- A look without a lock first: whoever waits must not keep claims from the host's row.
  for look in 1 .. 2 loop
    if look = 2 then
      select h.patterns, h.paced_until, h.broken_until
      into place
      from net.hosts h
      where h.host = hop.host
      for no key update;
    end if;
    select count(*)
    into taken
    from (
      select
      from net.http_request_queue q
      where q.host = hop.host
        and q.replica is not null
        and q.lease_until > started
        and q.lease_until < 'infinity'
        and q.id <> request_id
      limit slots
    ) held;
    if taken >= slots then
      wait_seconds := 0.05;
      return;
    end if;
    if place.paced_until > started then
      wait_seconds := least(greatest(extract(epoch from place.paced_until - started)::double precision, 0.01), 1);
      return;
    end if;
  end loop;

  if rate is not null then
    update net.hosts h
    set paced_until = greatest(h.paced_until, started - greatest(0.1, 1 / rate) * interval '1 second')
      + 1 / rate * interval '1 second'
    where h.host = hop.host;
  end if;
  update net.http_request_queue q
  set host = hop.host,
    home_host = coalesce(q.home_host, q.host)
  where q.id = request_id
    and q.attempt = hop.attempt
    and q.replica is not null
    and q.host <> hop.host;
end
$$;
