-- Claims a function that is due, for $1 (interval): then it is called again. Of the roles $2 this bridge runs $3 already: who has fewest comes
-- first, and who has $4 not at all. Returns what is to be run, and whether who queued may execute it, now as when it was queued. It is looked
-- up by name in the catalog, as a name that leads nowhere, or into a schema that we may not see, must not fail the claim of others.
-- Index: callback_due_idx, entered once for each role; callback_pkey; pg_proc_proname_args_nsp_index. Locks: of each
-- role the row that is due first; one that is locked is left to who holds it.
with recursive senders (role) as (
  (
    select c.queued_by
    from net.callback c
    where c.due_at is not null
    order by c.queued_by
    limit 1
  )
  union all
  select (
    select c.queued_by
    from net.callback c
    where c.due_at is not null
      and c.queued_by > s.role
    order by c.queued_by
    limit 1
  )
  from senders s
  where s.role is not null
),
next as materialized (
  select n.number
  from senders s
  left join unnest($2::bigint[]::oid[], $3::integer[]) h (role, running) on h.role = s.role::oid
  cross join lateral (
    select c.number, c.due_at
    from net.callback c
    where c.queued_by = s.role
      and c.due_at <= clock_timestamp()
    order by c.due_at
    limit 1
    for update skip locked
  ) n
  where s.role is not null
    and coalesce(h.running, 0) < $4
  order by coalesce(h.running, 0), n.due_at
  limit 1
),
claimed as (
  update net.callback c
  set due_at = clock_timestamp() + $1::interval,
    attempts = c.attempts + 1
  from next n
  where c.number = n.number
  returning c.number, c.id, c.queued_by, c.function, c.attempts
)
select
  c.number,
  c.id,
  c.queued_by::oid::bigint as role,
  c.attempts,
  c.function,
  case when f.oid is not null then format('select %I.%I($1::bigint) is null', f.nspname, f.proname) end as call,
  coalesce(has_function_privilege(c.queued_by::oid, f.oid, 'execute') and has_schema_privilege(c.queued_by::oid, f.schema, 'usage'), false)
    as allowed
from claimed c
left join lateral (
  select p.oid, n.oid as schema, n.nspname, p.proname
  from pg_namespace n
  join pg_proc p on p.pronamespace = n.oid
  cross join lateral (
    -- The form that the gate has made sure of; a copy of another database may hold others.
    select case when net.is_callback(c.function) then parse_ident(left(c.function, -8)) end as names
  ) i
  where n.nspname = i.names[1]
    and p.proname = i.names[2]
    and p.proargtypes = '20'::oidvector
    and p.prokind = 'f'
    and not p.proretset
) f on true
