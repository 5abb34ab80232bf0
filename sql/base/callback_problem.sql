-- API: helper
-- Why a function cannot be called with a request's response; null if it can. As who queues.
create or replace function net.callback_problem(function text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant regprocedure := to_regprocedure(function);
  roles constant regrole[] := net.callback_roles();
  role regrole;
  found_function record;
begin
  if cardinality(roles) = 0 then
    return 'on_response needs a bridge with --callback-url, and none was here within a day';
  end if;
  select p.prokind, p.proretset, p.pronamespace, p.proargtypes::text as arguments, n.nspname
  into found_function
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  where p.oid = target;
  if not found then
    return format('on_response: there is no function %s', function);
  end if;
  if found_function.arguments <> 'bigint'::regtype::oid::text or found_function.prokind <> 'f' or found_function.proretset then
    return format('on_response must be a function of one bigint that returns no set, which %s is not', target);
  end if;
  if found_function.nspname ~ '^pg_(toast_)?temp_' then
    return 'on_response must not be a temporary function: no other session has it';
  end if;
  if not has_function_privilege(net.caller(), target, 'execute') then
    return format('permission denied for function %s', target);
  end if;
  foreach role in array roles loop
    if not has_function_privilege(role, target, 'execute') or not has_schema_privilege(role, found_function.pronamespace, 'usage') then
      return format('the role of --callback-url, %s, may not execute function %s: grant usage on schema %I to %s; grant execute on function %s to %s',
        role, target, found_function.nspname, role, target, role);
    end if;
  end loop;
  return null;
end
$$;
