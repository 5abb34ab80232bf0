-- API: owner
-- Sets the rule for what a role may queue and have sent, over all bridges together; null is no limit, but for the role's share
-- (net.open_lines, net.ask_for_room). Every claim and every call reads it, so it holds as soon as it is committed; what is in the
-- queue already stays there. Granted to nobody: the owner's.
create or replace function net.set_role_rule(
  role name,
  -- Requests in flight at most, from 0 on: with 0 nothing of it is sent, and everything waits.
  max_in_flight integer default null,
  -- Requests a second at most; may be less than one. 'infinity', for no limit.
  per_second double precision default null,
  -- Requests in the queue at most, those in flight and those that wait for their time too; from 0 on.
  max_queued bigint default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  known constant regrole := to_regrole(quote_ident(role::text));
  problem constant text := case
    when role is null then 'role must not be null'
    when known is null then format('role %s does not exist', to_json(role::text))
    when max_in_flight not between 0 and 1000000 then format('max_in_flight must be from 0 to 1000000, not %s', max_in_flight)
    when per_second = 'NaN' or per_second <= 0 then format('per_second must be above 0, not %s: use max_in_flight := 0 to stop a role', per_second)
    when per_second > 1000000 and per_second <> 'infinity' then
      format('per_second must be at most 1000000, or infinity, not %s', per_second)
    when per_second < 0.0001 then 'per_second must be at least 0.0001 (about nine per day)'
    when max_queued not between 0 and 1000000000 then format('max_queued must be from 0 to 1000000000, not %s', max_queued)
  end;
begin
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  if max_queued is not null then
    -- From now on each call asks, this rule being there or not yet.
    perform setval('net.role_limits', greatest(pg_sequence_last_value('net.role_limits'), 1));
  end if;
  insert into net.role_rule as r (role, max_in_flight, per_second, max_queued, set_by)
  values (known, max_in_flight, per_second, max_queued, net.caller())
  on conflict on constraint role_rule_pkey do update
  set max_in_flight = excluded.max_in_flight,
    per_second = excluded.per_second,
    max_queued = excluded.max_queued,
    set_by = excluded.set_by,
    since = clock_timestamp();
  insert into net.role_state (role)
  values (known)
  on conflict do nothing;
  -- More may be sent now.
  perform pg_notify('pgnetty', '');
end
$$;
