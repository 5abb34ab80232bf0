-- What the caller's requests that are in the queue wait for, and which bridge sends them: for net.requests, which asks of one only where that
-- is to be shown. Names in plain words, as they are read by people. Its times are those of the statement.
-- Indexes: http_request_queue_pkey, hosts_pkey, host_rule_pkey, role_rule_pkey, role_state_pkey; the others are small.
create or replace view net.my_waits
with (security_barrier = true) as
select
  q.id,
  q.queued_by,
  case
    when q.state = 'behind' then 'an older request with its ordering_key'
    when (
      select c.identity
      from net.bridge_control c
    ) = 'copied' then 'pgnetty install --adopt: this database is a copy'
    else coalesce(
      (
        select pg_catalog.format('net.resume(%L), as its host is paused', p.host_pattern)
        from net.paused p
        where net.host_matches(q.host, p.host_pattern)
        order by p.since
        limit 1
      ),
      (
        select
          case
            when h.breaker_open_until > pg_catalog.statement_timestamp() then
              pg_catalog.format('its host, whose circuit breaker is open until %s', h.breaker_open_until)
            when h.breaker_open_until is not null then 'a probe of its host, whose circuit breaker is open'
            when h.rate_limited_until + interval '1 second' / nullif(r.per_second, 0) > pg_catalog.statement_timestamp() then
              pg_catalog.format('the rate limit of its host, %s a second', r.per_second)
            when r.max_in_flight <= (
              select coalesce(pg_catalog.sum(pg_catalog.cardinality(l.ids)), 0)
              from net.lease l
              where l.host = h.host
                and l.until > pg_catalog.statement_timestamp()
            ) then pg_catalog.format('one of the %s slots of its host', r.max_in_flight)
          end
        from net.hosts h
        cross join lateral (
          -- As net.rule_of.
          select e.max_in_flight, nullif(e.per_second, 'infinity') as per_second
          from net.effective_host_rule e
          where e.host_pattern = any (h.patterns)
          order by pg_catalog.array_position(h.patterns, e.host_pattern)
          limit 1
        ) r
        where h.host = q.host
      ),
      (
        select
          case
            when s.rate_limited_until + interval '1 second' / nullif(nullif(r.per_second, 'infinity'), 0) > pg_catalog.statement_timestamp() then
              pg_catalog.format('the rate limit of role %s, %s a second', r.role, r.per_second)
            when r.max_in_flight <= (
              select coalesce(pg_catalog.sum(pg_catalog.cardinality(l.ids)), 0)
              from net.lease l
              where l.role = r.role
                and l.until > pg_catalog.statement_timestamp()
            ) then pg_catalog.format('one of the %s slots of role %s', r.max_in_flight, r.role)
          end
        from net.role_rule r
        join net.role_state s on s.role = r.role
        where r.role = q.queued_by
      )
    )
  end as waits_for,
  (
    select b.name
    from net.lease l
    join net.bridges b on b.bridge = l.bridge
    where q.id = any (l.ids)
      and l.until > pg_catalog.statement_timestamp()
    limit 1
  ) as sent_by
from net.http_request_queue q
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

revoke all on net.my_waits from public;
