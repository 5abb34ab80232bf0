-- API: private
-- Stamps who gives an order, see schema step 5: runs as that role, before the definer trigger that carries the order out. Not a
-- column default: a view of somebody's own can have another.
create or replace function net.stamp_order()
returns trigger
language plpgsql
as $$
begin
  new.ordered_by := net.caller();
  return new;
end
$$;
