-- Says that replica $1 is there: its name $2, version $3, state $4 and requests in flight $5. If it is fit for duty, $6, and
-- nobody else is on duty, it is from now on for $7 (interval); one that is not fit any more gives its duty up, and rings for
-- a successor. $8 is the step of the schema that it knows. Returns how often a restart has been asked for, whether it is on duty,
-- how many others are there, how many hosts have their breaker open, up to 1000, and the step that the schema has taken.
-- Indexes: replicas_pkey; hosts_broken_idx; schema_step_pkey; net.duty is one row, and locked only by who takes it; net.replicas has one row a bridge.
with seen as (
  insert into net.replicas as r (replica, name, version, state, in_flight, step)
  values ($1, $2, $3, $4, $5, $8)
  on conflict (replica) do update
  set state = excluded.state,
    in_flight = excluded.in_flight,
    seen = clock_timestamp()
),
duty as (
  update net.duty d
  set replica = case when $6 then $1 end,
    until = case when $6 then clock_timestamp() + $7::interval else '-infinity' end
  where d.replica = $1
    or $6 and d.until < clock_timestamp()
  returning d.until
)
select
  c.restarts,
  exists (
    select
    from duty d
    where d.until > '-infinity'
  ) as on_duty,
  (
    select count(*)
    from net.replicas r
    where r.replica <> $1
      and r.state <> 'draining'
      and r.seen > clock_timestamp() - $7::interval
  ) as others,
  (
    select count(*)
    from (
      select
      from net.hosts h
      where h.broken_until is not null
      limit 1000
    ) open
  ) as broken,
  (
    select pg_notify('pgnetty', 'control')
    from duty d
    where d.until = '-infinity'
  ) as called,
  -- Another number whenever a rule is another one.
  (
    select coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text
    from net.host_rule r
  ) as rules,
  (
    select max(s.step)
    from net.schema_step s
  ) as step
from net.bridge_control c
