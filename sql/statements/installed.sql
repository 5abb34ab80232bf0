-- What installed schema net, as the schema's comment says, and whether anything did. What an owner put there who is not the one that asks
-- is not to be read as that: it counts as nothing. One row, whatever is there; the catalog's own indexes.
select
  coalesce(obj_description(n.oid, 'pg_namespace'), '') as description,
  exists (
    select
    from pg_class c
    where c.relnamespace = n.oid
      and c.relname = 'schema_step'
  )
  and (
    select bool_and(r.oid = n.nspowner) or bool_and(r.rolsuper)
    from pg_roles r
    where r.rolname in (current_user, session_user)
      or r.oid = n.nspowner
  ) as installed
from (select) one
left join pg_namespace n on n.nspname = 'net'
