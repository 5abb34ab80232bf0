-- The names of a function's arguments, of all its overloads. The prompt puts a literal for {function}.
select distinct a.name
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
cross join lateral pg_catalog.unnest(p.proargnames) a (name)
where pg_catalog.concat(n.nspname, '.', p.proname) = {function}
order by 1
