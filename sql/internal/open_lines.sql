-- API: private
-- For a claim that has locked these hosts: what each of these lines (net.due_lines) may give now. `room`: how many requests are
-- worth reading of it. What is taken of them in the end is less where several roles want the same slots: see net.fair_share.
-- - `host_room`: what its host may have: its slots over all bridges, of which the leases that are alive and redirects take some;
--   its rate limit; one probe where its circuit breaker is open. `host_held`: what the role holds there.
-- - `role_room`: what its role may have by its rule (net.lock_roles). `role_held`: what this bridge holds of it.
-- - `slow_room`: what its role may have of requests that may run for long (net.is_slow): where anybody but the owner may queue,
--   at most three quarters of the slots that the slow requests of others leave. So a role that comes later finds some free, and
--   so does one that comes after it.
-- `ruled`: not even another claim would get more; `retry_seconds`: but then one would.
-- `holders`, `held`, `held_slow`: what this bridge holds of these roles, of its `slots`.
-- Indexes: hosts_pkey, host_rule_pkey, lease_host_idx, hop_slot_pkey.
create or replace function net.open_lines(
  line_roles oid[],
  line_role_turns integer[],
  line_hosts text[],
  locked text[],
  started timestamptz,
  max_requests integer,
  slots integer,
  holders oid[],
  held integer[],
  held_slow integer[],
  -- One element for each of the lines whose hosts are locked, in the order of their turns.
  out turns integer[],
  out roles oid[],
  out role_turns integer[],
  out hosts text[],
  out rooms integer[],
  out host_rooms integer[],
  out host_held integer[],
  out role_rooms integer[],
  out role_held integer[],
  out slow_rooms integer[],
  out ruled boolean[],
  out retry_seconds double precision[],
  out probes boolean[],
  -- A second, where there is a limit.
  out host_rates double precision[],
  out role_rates double precision[],
  -- Whether there is any.
  out has_rates boolean,
  -- What leases hold for these hosts.
  out in_flight bigint[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- Slow requests may not take one in this many of the slots that are left: a quarter of them, or none.
  kept constant integer := case when net.is_shared() then 4 else 1000000000 end;
  slow_here constant integer := coalesce((select sum(h) from unnest(held_slow) h), 0);
  senders constant integer := line_role_turns[cardinality(line_role_turns)];
  -- Twice its share, as another role may want less.
  reading constant integer := least(max_requests, (2 * max_requests - 1) / senders + 1);
begin
  with lines as materialized (
    select
      d.role,
      d.role_turn,
      d.host,
      d.turn,
      h.breaker_open_until is not null as probe,
      r.max_in_flight - l.taken - p.hops as free,
      nullif(r.per_second, 'infinity') as per_second,
      g.grown,
      l.ids,
      case
        when senders = 1 then 0
        else (
          select coalesce(sum(cardinality(l.ids)), 0)
          from net.lease l
          where l.host = h.host
            and l.role = d.role::regrole
            and l.until > started
        )
      end as held,
      -- Requests that were sent before the circuit breaker opened do not take the probe's slot.
      greatest(
        least(
          max_requests,
          case when h.breaker_open_until is not null then 1 else r.max_in_flight - l.taken - p.hops end,
          floor(least(g.grown + 0.001, max_requests))
        ),
        0
      )::integer as room
    from unnest(line_roles, line_role_turns, line_hosts) with ordinality d (role, role_turn, host, turn)
    join net.hosts h on h.host = d.host
    cross join lateral net.rule_of(h.patterns) r
    cross join lateral (
      -- What the rate has let grow is not more than a tenth of a second's worth, or one.
      select case
        when r.per_second < 'infinity'
        then least(
          coalesce(extract(epoch from started - h.rate_limited_until)::double precision, 'infinity'),
          greatest(0.1, 1 / r.per_second)
        ) * r.per_second
      end as grown
    ) g
    -- What a dead lease holds is given back by net.rescue, and not claimed before.
    cross join lateral (
      select array_agg(i.id) as ids, count(*) filter (where l.until > started) as taken
      from net.lease l
      cross join lateral unnest(l.ids) i (id)
      where l.host = h.host
    ) l
    cross join lateral (
      select count(*) as hops
      from net.hop_slot p
      where p.host = h.host
        and p.until > started
    ) p
    where h.host = any (locked)
  ),
  shares as materialized (
    select
      l.*,
      -- Among the hosts of the role that can give something.
      (least(reading, r.allowed) - 1) / greatest(count(*) filter (where l.room > 0) over (partition by l.role), 1) + 1 as share,
      r.allowed,
      r.per_second as role_per_second,
      r.retry_seconds as role_retry_seconds
    from lines l
    left join net.lock_roles(line_roles, started) r on r.role = l.role
  )
  select
    array_agg(o.turn), array_agg(o.role), array_agg(o.role_turn), array_agg(o.host), array_agg(o.room), array_agg(o.host_room),
    array_agg(o.held), array_agg(o.role_room), array_agg(o.role_held), array_agg(o.slow_room), array_agg(o.is_ruled),
    array_agg(o.retry_seconds), array_agg(o.probe), array_agg(o.per_second), array_agg(o.role_per_second),
    count(o.per_second) + count(o.role_per_second) > 0,
    array(select unnest(l.ids) from lines l)
  into
    turns, roles, role_turns, hosts, rooms, host_rooms, host_held, role_rooms, role_held, slow_rooms, ruled, retry_seconds,
    probes, host_rates, role_rates, has_rates, in_flight
  from (
    select
      s.turn::integer,
      s.role,
      s.role_turn,
      s.host,
      case when s.allowed = 0 then 0 else least(s.room, s.share) end::integer as room,
      s.room as host_room,
      s.held::integer,
      least(max_requests, s.allowed) as role_room,
      coalesce(b.held, 0) as role_held,
      (slots - c.others_slow) - (slots - c.others_slow) / kept - coalesce(b.slow, 0) as slow_room,
      s.room <= s.share or coalesce(s.allowed <= reading, false) as is_ruled,
      case
        when s.allowed <= reading then s.role_retry_seconds
        when s.room > s.share or s.probe then null
        -- Its slots are taken, maybe by other bridges, of which this one does not hear.
        when s.free <= s.room then 0.25
        -- At a high rate one claim takes several requests: a claim costs more than a request.
        when s.grown < max_requests then greatest((1 + floor(s.grown + 0.001) - s.grown) / s.per_second, 0.01)
      end::double precision as retry_seconds,
      s.probe,
      s.per_second,
      case when s.role_per_second < 'infinity' then s.role_per_second end as role_per_second
    from shares s
    left join unnest(holders, open_lines.held, held_slow) b (role, held, slow) on b.role = s.role
    cross join lateral (
      select slow_here - coalesce(b.slow, 0) as others_slow
    ) c
    order by s.turn
  ) o;
end
$$;
