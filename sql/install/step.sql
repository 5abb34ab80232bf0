-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = {step}) then
    return;
  end if;

{statements}

  insert into net.schema_step (step) values ({step});
end
$step$;
