-- Claims a function that is due, for $1 (interval): then it is called again; not of the roles $2. Returns what is to be run, and whether who
-- queued may execute it, now as when it was queued.
-- Index: callback_due_idx, callback_pkey. Locks: the rows; locked ones are skipped.
with claimed as (
  update net.callback c
  set due_at = clock_timestamp() + $1::interval,
    attempts = c.attempts + 1
  where c.number = any (array(
    select d.number
    from net.callback d
    where d.due_at <= clock_timestamp()
      and d.queued_by::oid <> all ($2::bigint[]::oid[])
    order by d.due_at
    limit 1
    for update skip locked
  ))
  returning c.number, c.id, c.queued_by, c.function, c.attempts
)
select
  c.number,
  c.id,
  c.queued_by::oid::bigint as role,
  c.attempts,
  c.function,
  case when p.oid is not null then format('select %I.%I($1::bigint) is null', n.nspname, p.proname) end as call,
  coalesce(has_function_privilege(c.queued_by::oid, p.oid, 'execute'), false) as allowed
from claimed c
left join pg_proc p on p.oid = to_regprocedure(c.function)
left join pg_namespace n on n.oid = p.pronamespace
