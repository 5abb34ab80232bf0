-- API: private
-- For a claim: what the rules of these roles (net.set_role_rule) let them send now, over all bridges together. A role without a
-- rule is not in the result. Where another claim has a role's row just now, it may send nothing for some milliseconds.
-- Indexes: role_rule_pkey, role_state_pkey; net.lease is as large as what is in flight, and read only where there are such
-- rules. Locks: the rows of net.role_state in order of their roles; locked ones are skipped.
create or replace function net.lock_roles(wanted oid[], started timestamptz)
returns table (role oid, allowed integer, per_second double precision, retry_seconds double precision)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ruled constant regrole[] := array(
    select r.role
    from net.role_rule r
    where r.role = any (wanted::regrole[])
      and (r.max_in_flight is not null or r.per_second < 'infinity')
    order by r.role
  );
  locked regrole[];
begin
  if ruled = '{}' then
    return;
  end if;
  locked := array(
    select s.role
    from net.role_state s
    where s.role = any (ruled)
    order by s.role
    for no key update skip locked
  );
  -- A statement of its own: it sees what the claim that had the lock before has taken.
  return query
  select
    r.role::oid,
    case when r.role = any (locked) then greatest(least(c.slots, c.grown), 0) else 0 end::integer,
    r.per_second,
    case
      when r.role <> all (locked) then 0.003
      -- Until its rule is another one.
      when r.max_in_flight = 0 then null
      when c.grown < c.slots then greatest(1 / r.per_second, 0.01)
      -- Its slots are taken, maybe by other bridges, of which this one does not hear.
      else 0.25
    end::double precision
  from net.role_rule r
  join net.role_state s on s.role = r.role
  cross join lateral (
    select
      coalesce(r.max_in_flight, 1000000)
      - coalesce(
        (
          select sum(cardinality(l.ids))
          from net.lease l
          where l.role = r.role
            and l.until > started
        ),
        0
      ) as slots,
      -- As for a host: not more than a tenth of a second's worth, or one.
      case
        when r.per_second < 'infinity'
        then floor(
          least(
            coalesce(extract(epoch from started - s.rate_limited_until)::double precision, 'infinity'),
            greatest(0.1, 1 / r.per_second)
          ) * r.per_second + 0.001
        )
        else 1000000
      end as grown
  ) c
  where r.role = any (ruled);
end
$$;
