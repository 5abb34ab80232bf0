-- API: helper
-- In a webhook's function, what is told of a change: JSON, or where a payload function takes it jsonb. There may be rows that jsonb cannot
-- hold: see net.webhook_row_source.
create or replace function net.webhook_event_source(settings jsonb, names text, new_row text, old_row text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when settings ->> 'payload' is null then '%s' else '(%s)::jsonb' end,
    format(
      $body$json_build_object('type', tg_op, %s, '%s', %s, '%s', %s)$body$,
      names,
      case settings ->> 'mode' when 'statement' then 'records' else 'record' end,
      new_row,
      case settings ->> 'mode' when 'statement' then 'old_records' else 'old_record' end,
      old_row))
$$;
