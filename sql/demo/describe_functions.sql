-- The prompt's \df+: functions, with what they are for, outside of PostgreSQL's own schemas whose name fits a pattern as psql's; empty fits all. The prompt puts a
-- literal for {pattern}.
select
  n.nspname as "Schema",
  p.proname as "Name",
  -- Without the types of defaults, which the arguments have.
  pg_catalog.regexp_replace(pg_catalog.pg_get_function_arguments(p.oid), '(DEFAULT [^,]+?)::[a-z ]+(?=,|$)', '\1', 'g') as "Arguments",
  pg_catalog.pg_get_function_result(p.oid) as "Result",
  pg_catalog.obj_description(p.oid, 'pg_proc') as "Description"
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_|^information_schema$'
  and (
    -- What is internal has no description.
    -- What is internal has no description, and is shown by its whole name.
    pg_catalog.strpos({pattern}, '*') = 0 and {pattern} <> ''
    or n.nspname <> 'net'
    or pg_catalog.obj_description(p.oid, 'pg_proc') is not null
  )
  and (
    {pattern} = ''
    or pg_catalog.concat(n.nspname, '.', p.proname) ~ pg_catalog.concat('^(.*[.])?', pg_catalog.replace(pg_catalog.replace({pattern}, '.', '[.]'), '*', '.*'), '$')
  )
-- What is the person's own comes first.
order by n.nspname = 'net', 1, 2
