-- API: helper
-- Why a webhook cannot fire once for a statement; null if it can, or does not. Index: pg_inherits_parent_index, pg_inherits_relid_seqno_index.
create or replace function net.webhook_mode_problem("table" regclass, settings jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when coalesce(settings ->> 'mode', '') not in ('row', 'statement') then 'mode must be row or statement'
    when settings ->> 'mode' = 'row' then null
    when coalesce((settings ->> 'batch')::integer, 0) not between 1 and 100000 then 'batch must be from 1 to 100000 rows'
    when coalesce((settings ->> 'batch_bytes')::integer, 0) not between 1000 and 100000000 then
      'batch_bytes must be from 1000 to 100000000 bytes'
    when settings -> 'events' ? 'truncate' then 'mode statement: PostgreSQL shows no rows of a truncate'
    when settings ->> 'ordering_key' is not null then 'mode statement: many rows go in one request, which has no ordering_key of one of them'
    when settings ->> 'columns' is not null then 'mode statement: PostgreSQL shows the rows of a statement only if it looks at all columns'
    when settings ->> 'condition' is not null and settings -> 'events' ? 'update' then
      'mode statement: a condition on an update needs one row at a time, mode row'
    when settings ->> 'condition' is not null and jsonb_array_length(settings -> 'events') > 1 then
      'mode statement: a condition needs a webhook for one event, as an insert has no old row and a delete no new one'
    when coalesce(settings ->> 'url' !~* '^https?://', settings ->> 'endpoint_condition' is not null) then
      'mode statement: many rows go to one URL, which cannot be an expression over one of them'
    when exists (
      select
      from pg_class c
      where c.oid = "table"
        and (c.relkind = 'p' or c.relispartition)
    ) then 'mode statement: a statement on a partitioned table, and one on its partition, shows its rows to one of both only'
    when exists (
      select
      from pg_inherits i
      where "table" in (i.inhrelid, i.inhparent)
    ) then 'mode statement: a statement on a table that inherits or is inherited shows its rows to one of both only'
  end
$$;
