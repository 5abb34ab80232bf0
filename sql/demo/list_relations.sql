-- The prompt's \d, \dt and \dv: relations outside of PostgreSQL's own schemas, of some kinds, whose name fits a pattern as psql's; empty fits all.
-- The prompt puts literals for {pattern} and {kinds}, and leaves out a line that is not asked for.
select
  n.nspname as "Schema",
  c.relname as "Name",
  pg_catalog.obj_description(c.oid, 'pg_class') as "Description", /* with + */
  case c.relkind when 'v' then 'view' when 'p' then 'partitioned table' else 'table' end as "Type"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_|^information_schema$'
  and pg_catalog.strpos({kinds}, c.relkind::text) > 0
  and (
    -- What is internal has no description.
    {pattern} = '' and (n.nspname <> 'net' or pg_catalog.obj_description(c.oid, 'pg_class') is not null)
    or pg_catalog.concat(n.nspname, '.', c.relname) ~ pg_catalog.concat('^(.*[.])?', pg_catalog.replace(pg_catalog.replace({pattern}, '.', '[.]'), '*', '.*'), '$')
  )
-- What is the person's own comes first.
order by n.nspname = 'net', 1, 2
