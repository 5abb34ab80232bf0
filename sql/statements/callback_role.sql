-- Says that a bridge calls functions as role $1, of which the database $2 was told to be its own; nothing where that is another. Index:
-- callback_role_pkey.
insert into net.callback_role as c (role)
select r.oid
from pg_roles r
where r.rolname = $1
  and current_database() = $2
on conflict (role) do update
set seen = clock_timestamp()
returning c.role::text as role
