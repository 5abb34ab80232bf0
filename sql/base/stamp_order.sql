-- API: private
-- Stamps who gives an order, see schema step 5: runs as that role, before the definer trigger that carries the order out. Not a
-- column default: a view of somebody's own can have another.
create or replace function net.stamp_order()
returns trigger
language plpgsql
as $$
begin
  new.ordered_by := pg_catalog.to_regrole(pg_catalog.quote_ident(current_user::pg_catalog.text));
  return new;
end
$$;
