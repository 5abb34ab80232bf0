-- API: helper
-- In a webhook's function, what refuses a table of another owner than the function's: one that has changed hands, or that of somebody who got
-- at the function, as a dump without privileges gives it to everybody. And a column that is left out must still have its name.
create or replace function net.webhook_guard_source(settings jsonb, is_partitioned boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $body$  if (
    select pg_get_userbyid(c.relowner) <> current_user%s
    from pg_class c
    where c.oid = %s
  ) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = %L,
      hint = 'Drop the webhook, net.drop_webhook, and make it again.';
  end if;
$body$,
    case when jsonb_array_length(settings -> 'exclude_columns') > 0 then format(
      ' or exists (
      select
      from unnest(%L::text[]) x (name)
      where not exists (
        select
        from pg_attribute a
        where a.attrelid = c.oid
          and a.attname = x.name
          and not a.attisdropped
      )
    )', array(select jsonb_array_elements_text(settings -> 'exclude_columns'))) end,
    case when is_partitioned then 'coalesce(pg_partition_root(tg_relid)::oid, tg_relid)' else 'tg_relid' end,
    format(
      'webhook "%s" does not fit this table: it has another owner than the webhook, or a column that is left out has another name',
      settings ->> 'webhook'))
$$;
