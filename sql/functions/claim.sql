-- API: private
-- Claims for a bridge; sql/bridge/claim.sql says what, and for whom. One function and not one statement: the places of a host
-- are counted under a lock on its row, and only a statement that begins after the lock was granted sees what the claim before
-- this one has taken.
-- Indexes: http_request_queue_due_idx, entered once a host and read as far as is claimed; http_request_queue_held_idx, as far
-- as a host's places go; hosts_pkey, host_rule_pkey, paused_pkey. What it passes over is dead and not yet vacuumed, or being
-- claimed by others.
-- Locks: rows of net.hosts in order of their hosts, then the claimed rows; whatever another claim holds is skipped.
create or replace function net.claim(
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
  eligible text[];
  locked text[];
  wait double precision;
  known bigint;
  secret constant uuid := (
    select s.secret
    from net.key_secret s
    where s.only_row
  );
begin
  with recursive ahead (host) as (
    (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host > after_host
      order by q.host
      limit 1
    )
    union all
    select (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
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
      where q.lease_until is null
        and q.host <= after_host
      order by q.host
      limit 1
    )
    union all
    select (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host > b.host
        and q.host <= after_host
      order by q.host
      limit 1
    )
    from behind b
    where b.host is not null
  )
  select array_agg(v.host)
  into visited
  from (
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
  ) v;
  if visited is null then
    return query
    select null::text, false, false, null::double precision, null::bigint, null::integer, null::text, null::text, null::text,
      null::text, null::bytea, null::integer, null::integer, null::uuid, null::integer, null::integer,
      null::double precision, null::boolean, null::double precision, null::integer, null::double precision;
    return;
  end if;

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

  -- Whoever is broken or paused needs no lock.
  select
    array_agg(h.host) filter (where not p.is_paused and (h.broken_until is null or h.broken_until <= started)),
    min(extract(epoch from h.broken_until - started)) filter (where not p.is_paused and h.broken_until > started),
    count(*)
  into eligible, wait, known
  from net.hosts h
  cross join lateral (
    -- Mostly none is: that is asked once, and not for each pattern of each host.
    select (
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
  ) p
  where h.host = any (visited);

  select array_agg(l.host)
  into locked
  from (
    select h.host
    from net.hosts h
    where h.host = any (eligible)
    order by h.host
    for no key update of h skip locked
  ) l;
  if cardinality(locked) is distinct from cardinality(eligible) or known < cardinality(visited) then
    -- Another claim has them, for some milliseconds; or they were being forgotten just now.
    wait := least(wait, 0.003);
  end if;

  return query
  with turns as materialized (
    select
      v.host,
      v.turn,
      h.broken_until is not null as probe,
      h.paced_until,
      h.patterns
    from unnest(visited) with ordinality v (host, turn)
    join net.hosts h on h.host = v.host
    where v.host = any (locked)
  ),
  -- What no rule of its own says, the rule for all says, or what holds without any.
  ruled as materialized (
    select
      t.*,
      coalesce(own.max_in_flight, fallback.max_in_flight, 64) as places,
      nullif(coalesce(own.per_second, fallback.per_second), 'infinity') as pace,
      coalesce(own.break_failure_rate, fallback.break_failure_rate, 0.5) as failure_rate,
      coalesce(own.break_min_requests, fallback.break_min_requests, 20) as min_requests,
      extract(epoch from coalesce(own.break_for, fallback.break_for, '1 second'))::double precision as seconds
    from turns t
    left join lateral (
      select r.*
      from net.host_rule r
      where r.host_pattern = any (t.patterns)
        and (
          select exists (
            select
            from net.host_rule
            where host_pattern <> '*'
          )
        )
      order by array_position(t.patterns, r.host_pattern)
      limit 1
    ) own on true
    left join net.host_rule fallback on fallback.host_pattern = '*'
  ),
  -- Its places over all bridges, by the leases that are alive, and what its pace has let grow: not more than a tenth of a
  -- second's worth, or one.
  measured as materialized (
    select
      r.*,
      (
        select count(*)
        from (
          select
          from net.http_request_queue q
          where q.host = r.host
            and q.replica is not null
            and q.lease_until > started
            and q.lease_until < 'infinity'
          limit r.places
        ) held
      )::integer as in_flight,
      case
        when r.pace is not null
        then least(
          coalesce(extract(epoch from started - r.paced_until)::double precision, 'infinity'),
          greatest(0.1, 1 / r.pace)
        ) * r.pace
      end as grown
    from ruled r
  ),
  -- What was sent before the breaker opened takes no probe's place: see the update of net.hosts below.
  allowed as materialized (
    select
      m.*,
      greatest(
        least(
          max_requests,
          case when m.probe then 1 else m.places - m.in_flight end,
          floor(least(m.grown + 0.001, max_requests))::integer
        ),
        0
      ) as free
    from measured m
  ),
  -- Shared among those that can give something.
  open_hosts as materialized (
    select a.*, least(a.free, a.share) as room
    from (
      select *, ceil(max_requests::numeric / greatest(count(*) filter (where free > 0) over (), 1))::integer as share
      from allowed
    ) a
  ),
  due as materialized (
    select o.turn, o.host, r.id, r.size, row_number() over () as place
    from (
      select *
      from open_hosts
      where room > 0
      order by turn
    ) o
    cross join lateral (
      select
        q.id,
        case when octet_length(q.body) <= max_body then octet_length(q.body) else 0 end as size
      from net.http_request_queue q
      where q.host = o.host
        and q.lease_until is null
      order by q.rank, q.id
      limit o.room
      for no key update skip locked
    ) r
    limit max_requests
  ),
  -- In the order of the turns, so that a host's large bodies do not keep the others out.
  fitting as materialized (
    select d.id, d.turn
    from (
      select due.id, due.turn, sum(due.size) over (order by due.place) - due.size as before
      from due
    ) d
    where d.before <= max_bytes
  ),
  claimed as (
    update net.http_request_queue q
    set attempt = q.attempt + 1,
      lease_until = clock_timestamp() + lease,
      replica = claimer
    from fitting
    where q.id = fitting.id
    returning q.*
  ),
  given as materialized (
    select c.host, count(*) as requests, max(c.timeout_milliseconds) as milliseconds
    from claimed c
    group by c.host
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
  summary as (
    select
      exists (
        select
        from used u
        where u.free <= u.share
          and u.free <= u.requests
      ) as held_back,
      -- Its places are taken, maybe by other bridges, of which this one does not hear.
      (
        select 0.25
        from used u
        where u.places <= u.in_flight
          and not u.probe
        limit 1
      ) as next_place,
      -- A claim costs more than a request: not for each by itself, where they come fast.
      (
        select min(greatest((1 + u.requests - u.grown) / u.pace, 0.01))
        from used u
        where u.grown < u.share
          and floor(u.grown + 0.001) <= u.requests
          and u.places > u.in_flight
      ) as next_pace,
      (
        -- The last that had its turn: where the limit came first, the others behind it still have theirs to come.
        select v.host
        from unnest(visited) with ordinality v (host, turn)
        where (select count(*) from fitting) < max_requests and (select count(*) from fitting) = (select count(*) from due)
          or v.turn <= (select max(f.turn) from fitting f)
        order by v.turn desc
        limit 1
      ) as last_host,
      -- As many hosts as were asked for, or as many requests as one may give, or all that there is room for.
      cardinality(visited) >= max_hosts
        or exists (
          select
          from used u
          where u.requests >= u.share
            and u.free > u.share
        )
        or (select count(*) from due) >= max_requests
        or (select count(*) from due) > (select count(*) from fitting) as more
  )
  select
    s.last_host,
    s.more,
    s.held_back or wait is not null,
    least(s.next_pace, s.next_place, wait),
    c.id,
    c.attempt,
    c.method,
    c.url,
    c.host,
    c.headers::text,
    case when octet_length(c.body) <= max_body then c.body end,
    coalesce(octet_length(c.body), 0),
    c.timeout_milliseconds,
    coalesce(c.idempotency_key, net.request_key(secret, c.id, c.created)),
    c.max_attempts,
    c.failures,
    -- As a float at once: extract would come by numeric, for each row.
    date_part('epoch', clock_timestamp() - c.created),
    o.probe,
    o.failure_rate,
    o.min_requests,
    o.seconds
  from summary s
  left join claimed c on true
  left join open_hosts o on o.host = c.host;
end
$$;
