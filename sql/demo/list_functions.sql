-- The prompt's \df: functions outside of PostgreSQL's own schemas whose name fits a pattern as psql's; empty fits all. The prompt puts a
-- literal for {pattern}, and leaves out a line that is not asked for.
select
  n.nspname as "Schema",
  p.proname as "Name",
  pg_catalog.obj_description(p.oid, 'pg_proc') as "Description", /* with + */
  -- Without the types of defaults, which the arguments have.
  pg_catalog.regexp_replace(pg_catalog.pg_get_function_arguments(p.oid), '(DEFAULT [^,]+?)::[a-z ]+(?=,|$)', '\1', 'g') as "Arguments",
  pg_catalog.pg_get_function_result(p.oid) as "Result"
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_|^information_schema$'
  and (
    -- What is internal has no description, and is shown to who gives its name.
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
