-- What the prompt completes: what people use of schema net, which has a description, and all that is the user's own.
select pg_catalog.concat(n.nspname, '.', p.proname, '(') as name
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_|^information_schema$'
  and (n.nspname <> 'net' or pg_catalog.obj_description(p.oid, 'pg_proc') is not null)
union
select case when n.nspname = 'public' then c.relname::text else pg_catalog.concat(n.nspname, '.', c.relname) end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_|^information_schema$'
  and c.relkind in ('r', 'v', 'p', 'm')
  and (n.nspname <> 'net' or pg_catalog.obj_description(c.oid, 'pg_class') is not null)
order by 1
