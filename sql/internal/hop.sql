-- API: private
-- Whether a request of a lease may go on to another host, to which a redirect leads: `problem` where it may not;
-- otherwise, in `wait_seconds`, when to ask again where the host's rule does not let it go now, and null where it goes. It takes a
-- slot of that host then, too, until it ends.
-- Indexes: hosts_pkey, host_rule_pkey, lease_host_idx, hop_slot_pkey, lease_pkey, http_request_queue_pkey.
-- Locks: the row of net.hosts.
create or replace function net.hop(
  request_id bigint,
  lease_number bigint,
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

  select h.patterns, h.rate_limited_until, h.breaker_open_until
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
  if place.breaker_open_until is not null then
    problem := 'whose circuit breaker is open';
    return;
  end if;

  select r.max_in_flight, nullif(r.per_second, 'infinity')
  into slots, rate
  from net.rule_of(place.patterns) r;

  -- A look without a lock first: whoever waits must not keep claims from the host's row.
  for look in 1 .. 2 loop
    if look = 2 then
      select h.patterns, h.rate_limited_until, h.breaker_open_until
      into place
      from net.hosts h
      where h.host = hop.host
      for no key update;
    end if;
    select
      coalesce(
        (
          select sum(cardinality(l.ids))
          from net.lease l
          where l.host = hop.host
            and l.until > started
        ),
        0
      )
      + (
        select count(*)
        from net.hop_slot p
        where p.host = hop.host
          and p.until > started
          and p.id <> request_id
      )
    into taken;
    if taken >= slots then
      wait_seconds := 0.05;
      return;
    end if;
    if place.rate_limited_until > started then
      wait_seconds := least(greatest(extract(epoch from place.rate_limited_until - started)::double precision, 0.01), 1);
      return;
    end if;
  end loop;

  if rate is not null then
    update net.hosts h
    set rate_limited_until = net.rate_limited_until(h.rate_limited_until, started, rate, 1)
    where h.host = hop.host;
  end if;
  insert into net.hop_slot as p (id, host, until)
  select request_id, hop.host, started + q.timeout_milliseconds * interval '1 millisecond'
  from net.lease l
  join net.http_request_queue q on q.id = request_id
  where l.number = lease_number
    and request_id = any (l.ids)
    -- Its own host's it has already.
    and l.host <> hop.host
  on conflict on constraint hop_slot_pkey do update
  set until = excluded.until;
end
$$;
