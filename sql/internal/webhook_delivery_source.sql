-- API: helper
-- In a webhook's function, the options of its request that are not written where they are null: names of columns, or their values.
create or replace function net.webhook_delivery_source(settings jsonb, part text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(', ' || case part when 'columns' then o.name else o.value end, '' order by o.place)
  from (
    select case when settings ->> 'partitioned' = 'true' then 'coalesce(pg_partition_root(tg_relid), tg_relid)' else 'tg_relid' end as relation
  ) t
  cross join lateral (
    values
      (1, 'webhook', quote_literal(settings ->> 'webhook')),
      (2, 'webhook_table', t.relation),
      (3, 'ordering_key', format(
        'net.webhook_key(%L, %4$s, (case tg_op when ''DELETE'' then old.%2$s else new.%2$s end)::text, %3$s)',
        settings ->> 'webhook', quote_ident(settings ->> 'ordering_key'),
        case when settings ->> 'endpoints' is null then 'null' else 'target' end, t.relation)),
      (4, 'on_dead', quote_nullable(settings ->> 'on_dead')),
      (5, 'on_response', quote_nullable(settings ->> 'on_response')),
      (6, 'notify_channel', quote_nullable(settings ->> 'notify_channel')),
      (7, 'keep_sent', quote_nullable(settings ->> 'keep_sent'))
  ) o (place, name, value)
  where o.place <= 2
    or settings ->> o.name is not null
      -- The default is written as null, which a request passes by the short way.
      and (o.name <> 'on_dead' or settings ->> 'on_dead' <> 'skip')
$$;
