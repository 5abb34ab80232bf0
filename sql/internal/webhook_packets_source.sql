-- API: helper
-- In a webhook's function that fires once for a statement, the loop over packets of its rows, up to their event; null where it fires for each row.
-- Old and new rows of an update stand at the same place in both transition tables.
create or replace function net.webhook_packets_source(settings jsonb, excluded text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
    format(
      $body$  if tg_op = 'INSERT' then
    open packets for
      select jsonb_agg(c.new_row order by c.n) as records, null::jsonb as old_records
      from (
        select c.*, (c.n - 1) / %1$s + sum(octet_length(c.new_row::text)) over (order by c.n) / %2$s as packet
        from (
          select row_number() over () as n, to_jsonb(new)%3$s as new_row
          from new_rows new
          %4$s
        ) c
      ) c
      group by c.packet
      order by c.packet;
  elsif tg_op = 'DELETE' then
    open packets for
      select null::jsonb as records, jsonb_agg(c.old_row order by c.n) as old_records
      from (
        select c.*, (c.n - 1) / %1$s + sum(octet_length(c.old_row::text)) over (order by c.n) / %2$s as packet
        from (
          select row_number() over () as n, to_jsonb(old)%3$s as old_row
          from old_rows old
          %4$s
        ) c
      ) c
      group by c.packet
      order by c.packet;
  else
    open packets for
      select jsonb_agg(c.new_row order by c.n) as records, jsonb_agg(c.old_row order by c.n) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / %1$s
          + sum(octet_length(c.new_row::text) + octet_length(c.old_row::text)) over (order by c.n) / %2$s as packet
        from (
          select old.n, to_jsonb(new.r)%3$s as new_row, to_jsonb(old.r)%3$s as old_row
          from (select row_number() over () as n, t as r from old_rows t) old
          join (select row_number() over () as n, t as r from new_rows t) new on new.n = old.n
          where old.r operator(pg_catalog.*<>) new.r
        ) c
      ) c
      group by c.packet
      order by c.packet;
  end if;
$body$,
      settings ->> 'batch', settings ->> 'batch_bytes', excluded,
      E'where (\n' || (settings ->> 'condition') || E'\n)'),
    $body$  loop
    fetch packets into packet;
    exit when not found;
    event := jsonb_build_object('type', tg_op, 'table', table_name, 'schema', schema_name,
      'records', packet.records, 'old_records', packet.old_records);
$body$
  )
  where settings ->> 'mode' = 'statement'
$$;
