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
      $body$  if tg_op = 'INSERT' then
    open packets for
      select json_agg(c.new_row order by c.n) as records, null::json as old_records
      from (
        select c.*, (c.n - 1) / %1$s + sum(octet_length(c.new_row::text)) over (order by c.n) / %2$s as packet
        from (
          select row_number() over () as n, %3$s as new_row
          from new_rows new
          %4$s
        ) c
      ) c
      group by c.packet
      order by c.packet;
  elsif tg_op = 'DELETE' then
    open packets for
      select null::json as records, json_agg(c.old_row order by c.n) as old_records
      from (
        select c.*, (c.n - 1) / %1$s + sum(octet_length(c.old_row::text)) over (order by c.n) / %2$s as packet
        from (
          select row_number() over () as n, %5$s as old_row
          from old_rows old
          %4$s
        ) c
      ) c
      group by c.packet
      order by c.packet;
  else
    open packets for
      select json_agg(c.new_row order by c.n) as records, json_agg(c.old_row order by c.n) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / %1$s
          + sum(octet_length(c.new_row::text) + octet_length(c.old_row::text)) over (order by c.n) / %2$s as packet
        from (
          select old.n, %6$s as new_row, %7$s as old_row
          from (select row_number() over () as n, t as r from old_rows t) old
          join (select row_number() over () as n, t as r from new_rows t) new on new.n = old.n
          where old.r operator(pg_catalog.*<>) new.r
        ) c
      ) c
      group by c.packet
      order by c.packet;
  end if;
$body$,
      settings ->> 'batch', settings ->> 'batch_bytes', net.webhook_row_source(settings, 'new'),
      E'where (\n' || (settings ->> 'condition') || E'\n)', net.webhook_row_source(settings, 'old'),
      net.webhook_row_source(settings, 'new.r'), net.webhook_row_source(settings, 'old.r')),
    format($body$  loop
    fetch packets into packet;
    exit when not found;
    event := %s;
$body$, net.webhook_event_source(settings, names, 'packet.records', 'packet.old_records'))
  )
  where settings ->> 'mode' = 'statement'
$$;
