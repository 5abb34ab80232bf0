-- API: private
-- Claims for a bridge; sql/statements/claim.sql says what, and for whom. One function and not one statement: the slots of a host
-- are counted under a lock on its row, and only a statement that begins after the lock was granted sees what the claim before
-- this one has taken.
-- A claimed request is not changed: a lease holds it, one for each host and role. Its row is locked all the same, so that no
-- cancel takes it meanwhile.
-- Returns rows about lines (net.due_lines), in the order of their turns, and a row for each request, which has an id.
-- Indexes: http_request_queue_due_idx, entered once for each line and read past what is in flight as far as is claimed; those of
-- net.lock_hosts, net.lock_roles and net.open_lines.
-- Locks: rows of net.hosts in order of their hosts, of net.role_state in order of their roles, then the claimed rows; whatever
-- another claim holds is skipped.
create or replace function net.claim_due(
  max_requests integer, lease interval, claimer uuid, max_body bigint, max_bytes bigint, max_hosts integer, slots integer,
  -- After these the turns go on.
  after_role oid,
  turn_roles oid[],
  after_hosts text[],
  -- What this bridge holds.
  roles oid[],
  held integer[],
  held_slow integer[]
)
returns table (
  role bigint,
  host text,
  -- About a line: how many requests were taken of it, and how many were left for want of room; whether it may give more at
  -- once, or only later, and when. Without a role: hosts that another claim has, or whose circuit breaker is open.
  turn integer,
  given integer,
  left_over integer,
  more boolean,
  held_back boolean,
  next_seconds double precision,
  -- A request.
  id bigint,
  lease_number bigint,
  attempt integer,
  method text,
  url text,
  slow boolean,
  probe boolean,
  headers text,
  body bytea,
  body_length integer,
  timeout_milliseconds integer,
  idempotency_key uuid,
  max_attempts integer,
  failures integer,
  waited_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Statistics of a table that is empty one moment and full the next say nothing.
set enable_seqscan = off
set enable_bitmapscan = off
-- Where a table is scanned all the same, the price of that is above jit_above_cost: compiling would take seconds per call.
set jit = off
-- Planning each call would cost three times what running it for one request costs.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  started constant timestamptz := clock_timestamp();
  -- Of the free slots of this bridge, those that slow requests may take at once.
  free constant bigint := slots - coalesce((select sum(h) from unnest(held) h), 0);
  max_slow constant integer := free - case when net.is_shared() then free / 4 else 0 end;
  looked record;
  locked record;
begin
  select array_agg(l.role) as roles, array_agg(l.role_turn) as turns, array_agg(l.host) as hosts, array_agg(l.cut) as cuts
  into looked
  from net.due_lines(after_role, turn_roles, after_hosts, max_hosts) l;
  if looked.roles is null then
    return;
  end if;
  locked := net.lock_hosts(array(select distinct h from unnest(looked.hosts) h), started);
  if locked.retry_seconds is not null then
    select false, true, locked.retry_seconds into more, held_back, next_seconds;
    return next;
  end if;

  return query
  with lines as materialized (
    select *
    from net.open_lines(
      looked.roles, looked.turns, looked.hosts, locked.locked, started, max_requests, slots, roles, held, held_slow)
  ),
  found as materialized (
    select l.role, l.role_turn, l.host, l.probe, l.host_room, l.host_held, l.role_room, l.role_held, l.slow_room, r.*
    from (
      select *
      from lines
      where room > 0
      order by turn
    ) l
    cross join lateral (
      select
        q.id, q.attempt, q.method, q.url, q.headers, q.body, q.timeout_milliseconds, q.idempotency_key, q.max_attempts,
        q.failures, q.created, net.is_slow(q.timeout_milliseconds) as slow
      from net.http_request_queue q
      where q.queued_by = l.role::regrole
        and q.host = l.host
        and q.state = 'due'
        and q.id not in (select unnest(l.in_flight))
      order by q.rank, q.id
      limit l.room
      for no key update skip locked
    ) r
    limit case when looked.turns[cardinality(looked.turns)] = 1 then max_requests end
  ),
  -- Mostly there is enough for all.
  plenty as materialized (
    select
      count(*) <= max_requests and looked.turns[cardinality(looked.turns)] = 1
        and count(*) <= min(f.role_room)
        and count(*) filter (where f.slow) <= least(min(f.slow_room), max_slow)
        and coalesce(sum(octet_length(f.body)), 0) <= max_bytes as is_there
    from found f
  ),
  chosen as materialized (
    select f.id, true as chosen, false as slow_left
    from plenty p
    join found f on p.is_there
    union all
    select c.*
    from (
      select
        array_agg(f.id) as ids, array_agg(f.role_turn) as roles, array_agg(f.host) as hosts, array_agg(f.slow) as slow,
        array_agg(case when octet_length(f.body) <= max_body then octet_length(f.body) end) as bytes,
        array_agg(f.host_room) as host_rooms, array_agg(f.host_held) as host_held, array_agg(f.role_room) as role_rooms,
        array_agg(f.role_held) as role_held, array_agg(f.slow_room) as slow_rooms
      from plenty p
      join found f on not p.is_there
    ) a
    cross join lateral net.fair_share(max_requests, max_bytes, max_slow, a.ids, a.roles, a.hosts, a.slow, a.bytes, a.host_rooms, a.host_held,
      a.role_rooms, a.role_held, a.slow_rooms) c
    where a.ids is not null
  ),
  due as materialized (
    select *
    from found
    join chosen using (id)
  ),
  given as materialized (
    select
      d.role, d.host, array_agg(d.id) filter (where d.chosen) as ids,
      count(*) filter (where d.chosen) as requests, count(*) filter (where d.slow_left) as slow, count(*) as found,
      max(d.timeout_milliseconds) as milliseconds
    from due d
    group by d.role, d.host
  ),
  leased as (
    insert into net.lease (bridge, host, role, until, ids)
    select claimer, g.host, g.role::regrole, clock_timestamp() + lease, g.ids
    from given g
    where g.ids is not null
    returning number, host, role::oid as role
  ),
  used as materialized (
    select l.*, coalesce(g.requests, 0) as requests, coalesce(g.slow, 0) as slow, coalesce(g.found, 0) as found, g.milliseconds
    from lines l
    -- A full join, as that is never done line by line: it comes to a left one.
    full join given g on g.role = l.role and g.host = l.host
  ),
  -- The next probe goes out when this one has had its time: some seconds, however long its sender would wait.
  host_state as (
    update net.hosts h
    set rate_limited_until = coalesce(net.rate_limited_until(h.rate_limited_until, started, u.per_second, u.requests), h.rate_limited_until),
      breaker_open_until = case
        when u.probe then started + least(u.milliseconds, 5000)::double precision * interval '1 millisecond' + interval '1 second'
      end
    from (
      select u.host, u.host_per_second as per_second, u.probe, sum(u.requests) as requests, max(u.milliseconds) as milliseconds
      from used u
      where u.requests > 0 and (u.host_per_second is not null or u.probe)
      group by u.host, u.host_per_second, u.probe
    ) u
    where h.host = u.host
  ),
  role_state as (
    update net.role_state s
    set rate_limited_until = net.rate_limited_until(s.rate_limited_until, started, u.per_second, u.requests)
    from (
      select u.role, u.role_per_second as per_second, sum(u.requests) as requests
      from used u
      where u.role_per_second is not null and u.requests > 0
      group by u.role, u.role_per_second
    ) u
    where s.role = u.role::regrole
  )
  select
    d.role::bigint,
    d.host,
    d.turn::integer,
    coalesce(u.requests, 0)::integer,
    coalesce(u.found - u.requests - u.slow, 0)::integer,
    d.cut or coalesce(u.requests >= u.room and not u.ruled or u.found > u.requests + u.slow, false),
    coalesce(u.requests >= u.room and u.ruled or u.slow > 0, false),
    case when u.slow > 0 then 0.25 when u.requests >= u.room then u.retry_seconds end,
    null::bigint, null::bigint, null::integer, null::text, null::text, null::boolean, null::boolean, null::text, null::bytea,
    null::integer, null::integer, null::uuid, null::integer, null::integer, null::double precision
  from unnest(looked.roles, looked.hosts, looked.cuts) with ordinality d (role, host, cut, turn)
  left join used u on u.role = d.role and u.host = d.host
  union all
  select
    d.role::bigint,
    d.host,
    null, null, null, null, null, null,
    d.id,
    l.number,
    d.attempt + 1,
    d.method,
    d.url,
    d.slow,
    d.probe,
    d.headers::text,
    case when octet_length(d.body) <= max_body then d.body end,
    coalesce(octet_length(d.body), 0),
    d.timeout_milliseconds,
    coalesce(d.idempotency_key, net.request_key((select k.secret from net.key_secret k where k.only_row), d.id, d.created)),
    d.max_attempts,
    d.failures,
    -- As a float at once: extract would come by numeric, for each row.
    date_part('epoch', clock_timestamp() - d.created)
  from due d
  join leased l on l.host = d.host and l.role = d.role
  where d.chosen;
end
$$;
