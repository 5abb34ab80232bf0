-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = {step}) then
    return;
  end if;
  -- What senders lock, in their order: the view by which they queue, and then the queue. In another order a sender could lose to this in a deadlock.
  if pg_catalog.to_regclass('net.new_request') is not null then
    lock table net.new_request in access exclusive mode;
  end if;

{statements}

  insert into net.schema_step (step) values ({step});
end
$step$;
