-- The prompt's \d NAME: the columns of a table or view. The prompt puts a literal for {pattern}.
select
  a.attname as "Column",
  pg_catalog.format_type(a.atttypid, a.atttypmod) as "Type",
  case when a.attnotnull then 'not null' end as "Nullable",
  pg_catalog.pg_get_expr(d.adbin, d.adrelid) as "Default"
from pg_catalog.pg_attribute a
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = pg_catalog.to_regclass({pattern})
  and a.attnum > 0
  and not a.attisdropped
order by a.attnum
