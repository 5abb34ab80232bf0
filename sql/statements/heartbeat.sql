-- Records that bridge $1 is alive: its name $2, version $3, state $4 and number of requests in flight $5; $8 is the last schema step
-- that it knows; its egress rules allow $9 and deny $10. If it is fit to lead, $6, and no other bridge leads, it leads from now on
-- for $7 (interval). A leader that is not fit any more gives the leadership up, and notifies the others.
-- Returns how often a restart has been requested, whether rows of the queue were copied from another database, whether the bridge leads, how many other bridges there are, how many hosts have
-- an open circuit breaker (up to 1000), a text that changes with the rules of hosts, the last step that the schema has taken, and,
-- in arrays, egress rules that are not these and that another bridge has had within $11 (interval): its name, what they allow and deny. Whether
-- requests are due is looked up if $12 is true.
-- Indexes: http_request_queue_due_idx, http_request_queue_later_idx, ordering_turn_at_idx; bridges_pkey; egress_rules_pkey; hosts_breaker_open_idx; schema_step_pkey; net.leader is one row, which only the leader locks, or a bridge
-- that becomes it; net.bridges has one row per bridge, net.egress_rules one for each list of rules.
with seen as (
  insert into net.bridges as b (bridge, name, version, state, in_flight, step, egress_allow, egress_deny)
  values ($1, $2, $3, $4, $5, $8, $9, $10)
  on conflict (bridge) do update
  set state = excluded.state,
    in_flight = excluded.in_flight,
    seen = clock_timestamp()
),
leadership as (
  update net.leader l
  set bridge = case when $6 then $1 end,
    until = case when $6 then clock_timestamp() + $7::interval else '-infinity' end
  where l.bridge = $1
    or $6 and l.until < clock_timestamp()
  returning l.until
),
rules as materialized (
  select hashtextextended($9 || e'\n' || $10, 0) as hash
),
told as (
  insert into net.egress_rules as e (hash, allow, deny, name)
  select r.hash, $9, $10, $2
  from rules r
  on conflict (hash) do update
  set seen = excluded.seen
  where e.seen < clock_timestamp() - interval '30 seconds'
),
others as materialized (
  select e.name, e.allow, e.deny
  from net.egress_rules e
  where e.hash <> (select r.hash from rules r)
    and e.seen > clock_timestamp() - $11::interval
  order by e.hash
)
select
  c.restarts,
  coalesce(c.identity = 'copied', false) as copied,
  exists (
    select
    from leadership l
    where l.until > '-infinity'
  ) as is_leader,
  (
    select count(*)
    from net.bridges b
    where b.bridge <> $1
      and b.state <> 'draining'
      and b.seen > clock_timestamp() - $7::interval
  ) as peers,
  (
    select count(*)
    from (
      select
      from net.hosts h
      where h.breaker_open_until is not null
      limit 1000
    ) open
  ) as open_circuit_breakers,
  (
    select pg_notify('pgnetty', 'control')
    from leadership l
    where l.until = '-infinity'
  ) as notified,
  (
    select coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text
    from net.host_rule r
  ) as rules,
  (
    select max(s.step)
    from net.schema_step s
  ) as step,
  $12::boolean
  and (
    exists (
      select
      from net.http_request_queue q
      where q.state = 'due'
    )
    or exists (
      select
      from net.http_request_queue q
      where q.state = 'keyed'
    )
    or exists (
      select
      from net.http_request_queue q
      where q.state = 'ordered'
    )
    or exists (
      select
      from net.ordering_turn t
      where t.at <= clock_timestamp()
    )
    or exists (
      select
      from net.roles_with('waiting') w (role)
      cross join lateral (
        select
        from net.http_request_queue q
        where q.state = 'waiting'
          and q.queued_by = w.role
          and q.due_at <= clock_timestamp()
        limit 1
      ) q
    )
  ) as is_due,
  array(select o.name from others o) as other_names,
  array(select o.allow from others o) as other_allows,
  array(select o.deny from others o) as other_denies
from net.bridge_control c
