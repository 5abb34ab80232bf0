-- API: private
-- Claims for a bridge; sql/statements/claim.sql says what, and for whom. One function and not one statement: the places of a host
-- are counted under a lock on its row, and only a statement that begins after the lock was granted sees what the claim before
-- this one has taken.
-- A claimed request is not changed: a lease holds it, one for each host. Its row is locked all the same, so that no cancel takes
-- it meanwhile.
-- Indexes: http_request_queue_due_idx, entered once for each host and read past what is in flight as far as is claimed;
-- lease_host_idx, hop_slot_pkey, hosts_pkey, host_rule_pkey, paused_pkey.
-- Locks: rows of net.hosts in order of their hosts, then the claimed rows; whatever another claim holds is skipped.
create or replace function net.claim_due(
  max_requests integer,
  lease interval,
  claimer uuid,
  max_body bigint,
  max_bytes bigint,
  after_host text,
  max_hosts integer
)
returns table (
  last_host text,
  -- Whether there may be more hosts, or more of theirs, that could be claimed now.
  more boolean,
  -- Whether hosts have more than their places, their pace or their breaker let go.
  held_back boolean,
  -- When one of these may go on by its pace or its breaker, or a row of net.hosts is free again.
  next_seconds double precision,
  lease_number bigint,
  id bigint,
  attempt integer,
  method text,
  url text,
  host text,
  headers text,
  body bytea,
  body_length integer,
  timeout_milliseconds integer,
  idempotency_key uuid,
  max_attempts integer,
  failures integer,
  waited_seconds double precision,
  probe boolean,
  break_failure_rate double precision,
  break_min_requests integer,
  break_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Statistics of a table that is empty one moment and full the next say nothing.
set enable_seqscan = off
set enable_bitmapscan = off
-- Where a table is scanned all the same, the price of that is above jit_above_cost: compiling would take seconds per call.
set jit = off
-- Planning anew for each call would cost three times what it takes to run for a request.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  started constant timestamptz := clock_timestamp();
  visited text[];
  locked text[];
  wait double precision;
  known bigint;
  free bigint;
begin
  -- Once more where hosts are new.
  for attempt in 1..2 loop
    with recursive ahead (host) as (
      (
        select q.host
        from net.http_request_queue q
        where q.state = 'due'
          and q.host > after_host
        order by q.host
        limit 1
      )
      union all
      select (
        select q.host
        from net.http_request_queue q
        where q.state = 'due'
          and q.host > a.host
        order by q.host
        limit 1
      )
      from ahead a
      where a.host is not null
    ),
    behind (host) as (
      (
        select q.host
        from net.http_request_queue q
        where q.state = 'due'
          and q.host <= after_host
        order by q.host
        limit 1
      )
      union all
      select (
        select q.host
        from net.http_request_queue q
        where q.state = 'due'
          and q.host > b.host
          and q.host <= after_host
        order by q.host
        limit 1
      )
      from behind b
      where b.host is not null
    ),
    turns as materialized (
      (
        select a.host
        from ahead a
        where a.host is not null
      )
      union all
      (
        select b.host
        from behind b
        where b.host is not null
      )
      limit max_hosts
    ),
    looked_up as materialized (
      select
        h.host,
        h.broken_until,
        -- Mostly none is: that is asked once, and not for each pattern of each host.
        (
          select exists (
            select
            from net.paused
          )
        )
        and exists (
          select
          from net.paused p
          where p.host_pattern = any (h.patterns)
        ) as is_paused
      from net.hosts h
      where h.host = any (array(select t.host from turns t))
    ),
    -- Whoever is broken or paused needs no lock.
    taken as materialized (
      select h.host
      from net.hosts h
      where h.host = any (
          array(
            select k.host
            from looked_up k
            where not k.is_paused
              and (k.broken_until is null or k.broken_until <= started)
          )
        )
      order by h.host
      for no key update of h skip locked
    )
    select
      array(select t.host from turns t),
      array(select t.host from taken t),
      count(*),
      count(*) filter (where not k.is_paused and (k.broken_until is null or k.broken_until <= started)),
      min(extract(epoch from k.broken_until - started)) filter (where not k.is_paused and k.broken_until > started)
    into visited, locked, known, free, wait
    from looked_up k;
    exit when known = cardinality(visited) or attempt > 1;
    insert into net.hosts (host, patterns)
    select v.host, net.patterns_of(v.host)
    from unnest(visited) v (host)
    where not exists (
      select
      from net.hosts h
      where h.host = v.host
    )
    order by v.host
    on conflict do nothing;
  end loop;
  if visited = '{}' then
    return query
    select null::text, false, false, null::double precision, null::bigint, null::bigint, null::integer, null::text, null::text, null::text,
      null::text, null::bytea, null::integer, null::integer, null::uuid, null::integer, null::integer,
      null::double precision, null::boolean, null::double precision, null::integer, null::double precision;
    return;
  end if;
  if cardinality(locked) < free or known < cardinality(visited) then
    -- Another claim has them, for some milliseconds; or they were being forgotten just now.
    wait := least(wait, 0.003);
  end if;

  return query
  -- What no rule of its own says, the rule for all says, or what holds without any. Slots are counted over all bridges, by the
  -- leases that are alive; what a dead lease holds is given back by net.rescue, and not claimed before.
  with measured as materialized (
    select
      v.host,
      v.turn,
      h.broken_until is not null as probe,
      h.paced_until,
      coalesce(own.max_in_flight, fallback.max_in_flight, 64) as places,
      nullif(coalesce(own.per_second, fallback.per_second), 'infinity') as pace,
      coalesce(own.break_failure_rate, fallback.break_failure_rate, 0.5) as failure_rate,
      coalesce(own.break_min_requests, fallback.break_min_requests, 20) as min_requests,
      extract(epoch from coalesce(own.break_for, fallback.break_for, '1 second'))::double precision as seconds,
      held.ids as held,
      (
        held.alive
        + (
          select count(*)
          from net.hop_slot p
          where p.host = v.host
            and p.until > started
        )
      )::integer as in_flight
    from unnest(visited) with ordinality v (host, turn)
    join net.hosts h on h.host = v.host
    left join lateral (
      select r.*
      from net.host_rule r
      where r.host_pattern = any (h.patterns)
        and (
          select exists (
            select
            from net.host_rule
            where host_pattern <> '*'
          )
        )
      order by array_position(h.patterns, r.host_pattern)
      limit 1
    ) own on true
    left join net.host_rule fallback on fallback.host_pattern = '*'
    cross join lateral (
      select count(*) filter (where l.until > started) as alive, array_agg(i.id) as ids
      from net.lease l
      cross join lateral unnest(l.ids) i (id)
      where l.host = v.host
    ) held
    where v.host = any (locked)
  ),
  -- What the pace has let grow is not more than a tenth of a second's worth, or one. What was sent before the breaker opened
  -- takes no probe's slot: see the update of net.hosts below.
  allowed as materialized (
    select
      m.*,
      g.grown,
      greatest(
        least(
          max_requests,
          case when m.probe then 1 else m.places - m.in_flight end,
          floor(least(g.grown + 0.001, max_requests))::integer
        ),
        0
      ) as free
    from measured m
    cross join lateral (
      select case
        when m.pace is not null
        then least(
          coalesce(extract(epoch from started - m.paced_until)::double precision, 'infinity'),
          greatest(0.1, 1 / m.pace)
        ) * m.pace
      end as grown
    ) g
  ),
  -- Shared among those that can give something.
  open_hosts as materialized (
    select a.*, least(a.free, a.share) as room
    from (
      select *, ceil(max_requests::numeric / greatest(count(*) filter (where free > 0) over (), 1))::integer as share
      from allowed
    ) a
  ),
  -- In the order of the turns, so that a host's large bodies do not keep the others out.
  due as materialized (
    select
      o.turn,
      o.host,
      r.*,
      coalesce(
        sum(case when octet_length(r.body) <= max_body then octet_length(r.body) end)
          over (rows between unbounded preceding and 1 preceding),
        0
      ) <= max_bytes as fits
    from (
      select *
      from open_hosts
      where room > 0
      order by turn
    ) o
    cross join lateral (
      select
        q.id, q.attempt, q.method, q.url, q.headers, q.body, q.timeout_milliseconds, q.idempotency_key, q.max_attempts,
        q.failures, q.created
      from net.http_request_queue q
      where q.host = o.host
        and q.state = 'due'
        and q.id not in (select unnest(o.held))
      order by q.rank, q.id
      limit o.room
      for no key update skip locked
    ) r
    limit max_requests
  ),
  given as materialized (
    select d.host, array_agg(d.id) as ids, count(*) as requests, max(d.timeout_milliseconds) as milliseconds
    from due d
    where d.fits
    group by d.host
  ),
  leased as (
    insert into net.lease (bridge, host, until, ids)
    select claimer, g.host, clock_timestamp() + lease, g.ids
    from given g
    returning number, host
  ),
  -- A full join, as that is never done host by host: it comes to a left one.
  used as materialized (
    select o.*, coalesce(g.requests, 0) as requests, g.milliseconds
    from open_hosts o
    full join given g on g.host = o.host
  ),
  -- The next probe goes out when this one has had its time: some seconds, however long its sender would wait.
  written as (
    update net.hosts h
    set paced_until = case
        when u.pace is null then h.paced_until
        else greatest(h.paced_until, started - greatest(0.1, 1 / u.pace) * interval '1 second')
          + u.requests / u.pace * interval '1 second'
      end,
      broken_until = case
        when u.probe then started + least(u.milliseconds, 5000)::double precision * interval '1 millisecond' + interval '1 second'
      end
    from used u
    where h.host = u.host
      and u.requests > 0
      and (u.pace is not null or u.probe)
  ),
  summary as materialized (
    select
      bool_or(u.free <= u.share and u.free <= u.requests) as held_back,
      -- Its slots are taken, maybe by other bridges, of which this one does not hear.
      min(0.25) filter (where u.places <= u.in_flight and not u.probe) as next_slot,
      -- A claim costs more than a request: not for each by itself, where they come fast.
      min(greatest((1 + u.requests - u.grown) / u.pace, 0.01)) filter (
        where u.grown < u.share
          and floor(u.grown + 0.001) <= u.requests
          and u.places > u.in_flight
      ) as next_pace,
      bool_or(u.requests >= u.share and u.free > u.share) as shared,
      coalesce(sum(u.requests), 0) as requests,
      max(u.turn) filter (where u.requests > 0) as last_turn
    from used u
  ),
  counted as materialized (
    select count(*) as found
    from due
  )
  select
    -- The last that had its turn: where the limit came first, the others behind it still have theirs to come.
    case
      when s.requests < max_requests and s.requests = n.found then visited[cardinality(visited)]
      else visited[s.last_turn]
    end,
    -- As many hosts as were asked for, or as many requests as one may give, or all that there is room for.
    cardinality(visited) >= max_hosts or coalesce(s.shared, false) or n.found >= max_requests or n.found > s.requests,
    coalesce(s.held_back, false) or wait is not null,
    least(s.next_pace, s.next_slot, wait),
    l.number,
    c.id,
    c.attempt + 1,
    c.method,
    c.url,
    c.host,
    c.headers::text,
    case when octet_length(c.body) <= max_body then c.body end,
    coalesce(octet_length(c.body), 0),
    c.timeout_milliseconds,
    coalesce(
      c.idempotency_key,
      net.request_key((select k.secret from net.key_secret k where k.only_row), c.id, c.created)
    ),
    c.max_attempts,
    c.failures,
    -- As a float at once: extract would come by numeric, for each row.
    date_part('epoch', clock_timestamp() - c.created),
    o.probe,
    o.failure_rate,
    o.min_requests,
    o.seconds
  from summary s
  cross join counted n
  left join due c on c.fits
  left join leased l on l.host = c.host
  left join open_hosts o on o.host = c.host;
end
$$;
