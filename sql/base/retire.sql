-- API: private
-- For a schema step: drops a function of ours in the form that it had before, as calls without its new arguments would fit both. Where something
-- of a user's depends on it, as a function with a body of SQL does, it stays for that alone, under another name.
create or replace function net.retire(signature text, step integer)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  retired constant regprocedure := to_regprocedure(signature);
  name constant text := (select p.proname || '_until_step_' || step from pg_proc p where p.oid = retired);
begin
  if retired is null then
    return;
  end if;
  begin
    execute format('drop function %s', retired);
  exception
    when dependent_objects_still_exist then
      execute format('alter function %s rename to %I', retired, name);
      raise warning 'something of yours depends on %, which is net.% now: make it again, and drop that', signature, name;
  end;
end
$$;
