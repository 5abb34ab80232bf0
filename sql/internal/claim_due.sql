-- API: private
-- Claims for a bridge; what, and for whom: sql/statements/claim.sql. A function and not one statement, as the slots of a host are counted
-- under a lock on its row, and only a statement that begins after it was granted sees what the claim before this one has taken.
-- A claimed request is not changed: a lease holds it, one for each host and role. Its row is locked, so that no cancel takes it.
-- Returns first rows about lines (net.due_lines), with the number of their lease; then one for each request, with the turn of its line.
-- Indexes: those of net.order_requests; http_request_queue_due_idx, entered once for each line and read past what is in flight as far as is claimed;
-- http_request_queue_pkey for what is claimed; those of net.lock_hosts, net.lock_roles and net.open_lines.
-- Locks: rows of net.hosts in order of their hosts, of net.role_state in order of their roles, then the claimed rows; whatever
-- another claim holds is skipped.
create or replace function net.claim_due(
  max_requests integer, lease interval, claimer uuid, max_body bigint, max_bytes bigint, max_hosts integer, slots integer,
  -- After these the turns go on.
  after_role oid,
  turn_roles oid[],
  after_hosts text[],
  -- Hosts of which it claims nothing; what it holds. No version before had this order: their install stops at net.url_encode, not here.
  excluded text[], roles oid[], held integer[], held_slow integer[]
)
returns table (
  -- Null about hosts that another claim has, or whose circuit breaker is open.
  turn integer,
  -- About a line: how many requests were taken of it, under which lease, and how many were left for want of room; whether it may
  -- give more at once, or only later, and when.
  role bigint,
  host text,
  lease_number bigint,
  probe boolean,
  given integer,
  left_over integer,
  more boolean,
  held_back boolean,
  next_seconds double precision,
  -- A request.
  id bigint,
  attempt integer,
  method text,
  url text,
  slow boolean,
  headers text,
  body bytea,
  body_length integer,
  timeout_milliseconds integer,
  idempotency_key uuid,
  max_attempts integer,
  failures integer,
  waited_seconds double precision,
  sign_with text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Statistics of a table that is empty one moment and full the next say nothing.
set enable_seqscan = off
set enable_bitmapscan = off
-- Where a table is scanned all the same, the price of that is above jit_above_cost: compiling would take a second per call.
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
  looked record; locked record; lines record; found record; taken record;
  -- About what was found; null: all of it is chosen.
  chosen boolean[]; slow_left boolean[];
begin
  -- What this makes due is claimed at once.
  select false, true, o.seconds into more, held_back, next_seconds from net.order_requests(1000) o (seconds);
  if next_seconds is not null then
    return next;
  end if;
  select array_agg(l.role) as roles, array_agg(l.role_turn) as turns, array_agg(l.host) as hosts, array_agg(l.cut) as cuts
  into looked
  from net.due_lines(after_role, turn_roles, after_hosts, max_hosts, excluded) l;
  if looked.roles is null then
    return;
  end if;
  locked := net.lock_hosts(array(select distinct h from unnest(looked.hosts) h), started);
  if locked.retry_seconds is not null then
    select false, true, locked.retry_seconds into more, held_back, next_seconds;
    return next;
  end if;
  lines := net.open_lines(
    looked.roles, looked.turns, looked.hosts, locked.locked, started, max_requests, slots, roles, held, held_slow);

  select
    array_agg(r.id) as ids, array_agg(r.line) as lines, array_agg(r.host) as hosts, array_agg(r.milliseconds) as milliseconds,
    array_agg(r.is_slow) as are_slow, array_agg(r.bytes) as bytes,
    count(*) as requests, count(*) filter (where r.is_slow) as slow, coalesce(sum(r.bytes), 0) as all_bytes
  into found
  from (
    select l.line, l.host, q.*
    from unnest(lines.roles, lines.hosts, lines.rooms) with ordinality l (role, host, room, line)
    cross join lateral (
      select
        q.id,
        q.timeout_milliseconds as milliseconds,
        net.is_slow(q.timeout_milliseconds) as is_slow,
        case when octet_length(q.body) <= max_body then octet_length(q.body) end as bytes
      from net.http_request_queue q
      where q.queued_by = l.role::regrole
        and q.host = l.host
        and q.state = 'due'
        and q.id not in (select unnest(lines.in_flight))
      order by q.rank, q.id
      limit l.room
      for no key update skip locked
    ) q
    where l.room > 0
    limit case when looked.turns[cardinality(looked.turns)] = 1 then max_requests end
  ) r;
  -- Mostly there is enough for all.
  if looked.turns[cardinality(looked.turns)] > 1
    or found.requests > lines.role_rooms[1]
    or found.slow > least(lines.slow_rooms[1], max_slow)
    or found.all_bytes > max_bytes then
    select array_agg(s.chosen), array_agg(s.slow_left)
    into chosen, slow_left
    from (
      select
        array_agg(lines.role_turns[f.line]) as turns, array_agg(f.host) as hosts,
        array_agg(lines.host_rooms[f.line]) as host_rooms, array_agg(lines.host_held[f.line]) as host_held,
        array_agg(lines.role_rooms[f.line]) as role_rooms, array_agg(lines.role_held[f.line]) as role_held,
        array_agg(lines.slow_rooms[f.line]) as slow_rooms
      from unnest(found.lines, found.hosts) f (line, host)
    ) a
    cross join lateral net.fair_share(max_requests, max_bytes, max_slow, found.ids, a.turns, a.hosts, found.are_slow, found.bytes,
      a.host_rooms, a.host_held, a.role_rooms, a.role_held, a.slow_rooms) s;
  end if;
  select array_agg(f.id) as ids, array_agg(f.line) as lines, array_agg(f.host) as hosts, array_agg(f.milliseconds) as milliseconds
  into taken
  from unnest(found.ids, found.lines, found.hosts, found.milliseconds, chosen) f (id, line, host, milliseconds, chosen)
  where f.chosen is not false;
  perform net.raise_known_id((select max(i) from unnest(taken.ids) i));

  -- The next probe goes out when this one has had its time: some seconds, however long its sender would wait.
  if lines.has_rates or true = any (lines.probes) then
    update net.hosts h
    set rate_limited_until = coalesce(net.rate_limited_until(h.rate_limited_until, started, u.per_second, u.requests), h.rate_limited_until),
      breaker_open_until = case
        when u.probe then started + least(u.milliseconds, 5000)::double precision * interval '1 millisecond' + interval '1 second'
      end
    from (
      select
        t.host, lines.host_rates[t.line] as per_second, lines.probes[t.line] as probe,
        count(*) as requests, max(t.milliseconds) as milliseconds
      from unnest(taken.lines, taken.hosts, taken.milliseconds) t (line, host, milliseconds)
      group by 1, 2, 3
    ) u
    where h.host = u.host
      and (u.per_second is not null or u.probe);
    update net.role_state s
    set rate_limited_until = net.rate_limited_until(s.rate_limited_until, started, u.per_second, u.requests)
    from (
      select lines.roles[t.line] as role, lines.role_rates[t.line] as per_second, count(*) as requests
      from unnest(taken.lines) t (line)
      group by 1, 2
    ) u
    where s.role = u.role::regrole
      and u.per_second is not null;
  end if;

  return query
  with given as materialized (
    select
      f.line, f.host, count(*)::integer as found, count(*) filter (where f.slow_left)::integer as slow,
      array_agg(f.id) filter (where f.chosen is not false) as ids
    from unnest(found.ids, found.lines, found.hosts, chosen, slow_left) f (id, line, host, chosen, slow_left)
    group by f.line, f.host
  ),
  leased as (
    insert into net.lease (bridge, host, role, until, ids)
    select claimer, g.host, lines.roles[g.line]::regrole, clock_timestamp() + lease, g.ids
    from given g
    where g.ids is not null
    returning number, host, role::oid as role, cardinality(ids) as requests
  )
  select
    d.turn::integer,
    d.role::bigint,
    d.host,
    n.number,
    l.probe,
    coalesce(n.requests, 0),
    coalesce(g.found - coalesce(n.requests, 0) - g.slow, 0),
    d.cut or coalesce(coalesce(n.requests, 0) >= l.room and not l.ruled or g.found > coalesce(n.requests, 0) + g.slow, false),
    coalesce(coalesce(n.requests, 0) >= l.room and l.ruled or g.slow > 0, false),
    case when g.slow > 0 then 0.25 when coalesce(n.requests, 0) >= l.room then l.retry_seconds end,
    null::bigint, null::integer, null::text, null::text, null::boolean, null::text, null::bytea, null::integer, null::integer,
    null::uuid, null::integer, null::integer, null::float8, null::text
  from unnest(looked.roles, looked.hosts, looked.cuts) with ordinality d (role, host, cut, turn)
  left join unnest(lines.turns, lines.rooms, lines.ruled, lines.retry_seconds, lines.probes) with ordinality
    l (turn, room, ruled, retry_seconds, probe, line) on l.turn = d.turn
  left join given g on g.line = l.line
  left join leased n on n.role = d.role and n.host = d.host;

  return query
  select
    lines.turns[t.line],
    null::bigint, null::text, null::bigint, null::boolean, null::integer, null::integer, null::boolean, null::boolean, null::float8,
    q.*
  from unnest(taken.ids, taken.lines) t (id, line)
  -- By its index for each: never as a join of what the statistics say.
  cross join lateral (
    select
      q.id,
      q.attempt + 1,
      q.method,
      q.url,
      net.is_slow(q.timeout_milliseconds),
      q.headers::text,
      case when octet_length(q.body) <= max_body then q.body end,
      coalesce(octet_length(q.body), 0),
      q.timeout_milliseconds,
      coalesce(q.idempotency_key, net.request_key((select k.secret from net.key_secret k where k.only_row), q.id, q.created)),
      q.max_attempts,
      q.failures,
      -- As a float at once: extract would come by numeric, for each row.
      date_part('epoch', clock_timestamp() - q.created),
      q.sign_with
    from net.http_request_queue q
    where q.id = t.id
      and q.queued_by = lines.roles[t.line]::regrole
    offset 0
  ) q;
end
$$;
