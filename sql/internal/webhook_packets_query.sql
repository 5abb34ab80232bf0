-- API: helper
-- Rows of a statement, numbered in order, in packets of so many rows and bytes: the sum of two numbers that grow, each with its own limit.
create or replace function net.webhook_packets_query(settings jsonb, rows text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $query$
      select json_agg(c.new_row order by c.n) filter (where c.new_row is not null) as records,
        json_agg(c.old_row order by c.n) filter (where c.old_row is not null) as old_records
      from (
        select c.*, (row_number() over (order by c.n) - 1) / %s
          + sum(octet_length(concat(c.new_row, c.old_row))) over (order by c.n) / %s as packet
        from (
          %s
        ) c
      ) c
      group by c.packet
      order by c.packet$query$,
    settings ->> 'batch', settings ->> 'batch_bytes', rows)
$$;
