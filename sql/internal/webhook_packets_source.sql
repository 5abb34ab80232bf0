-- API: helper
-- In a webhook's function that fires once for a statement, the loop over packets of its rows, up to their event; null where it fires for each row.
-- Old and new rows of an update stand at the same place in both transition tables.
create or replace function net.webhook_packets_source(settings jsonb, names text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
    format(
      $body$  -- Planned each time, with as many rows as there are.
  open packets for execute case tg_op when 'INSERT' then %L when 'DELETE' then %L else %L end;
  loop
    fetch packets into packet;
    exit when not found;
$body$,
      net.webhook_packets_query(settings, format(
        $query$select row_number() over () as n, %s as new_row, null::json as old_row from new_rows new %s$query$,
        net.webhook_row_source(settings, 'new.*'), chosen)),
      net.webhook_packets_query(settings, format(
        $query$select row_number() over () as n, null::json as new_row, %s as old_row from old_rows old %s$query$,
        net.webhook_row_source(settings, 'old.*'), chosen)),
      net.webhook_packets_query(settings, format(
        $query$select o.n, %s as new_row, %s as old_row
          from (select row_number() over () as n, pgnetty_row as r from old_rows pgnetty_row) o
          join (select row_number() over () as n, pgnetty_row as r from new_rows pgnetty_row) w on w.n = o.n
          where o.r operator(pg_catalog.*<>) w.r$query$,
        net.webhook_row_source(settings, 'w.r'), net.webhook_row_source(settings, 'o.r')))),
    net.webhook_assignment_source(
      settings, net.webhook_event_source(settings, names, 'packet.records', 'packet.old_records'))
  )
  from (select E'where (\n' || (settings ->> 'condition') || E'\n)' as chosen) c
  where settings ->> 'mode' = 'statement'
$$;
