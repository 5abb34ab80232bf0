-- API: private
-- The lines that a claim looks at, in the order of their turns. A line is what one role has due for one host. Roles take turns,
-- from the one after `after_role` on, around; and for each role its hosts, from the one after that in `after_hosts` on, around.
-- Not the hosts `excluded`; and none at all of a queue that was copied from another database (net.accept_request).
-- Up to 100 roles, and some `max_hosts` lines in all; `cut` is true for a line after which there may be more.
-- Index: http_request_queue_due_idx, entered once for each role and each line.
create or replace function net.due_lines(after_role oid, roles oid[], after_hosts text[], max_hosts integer, excluded text[])
returns table (role oid, role_turn integer, host text, cut boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  senders oid[] := '{}';
  first_host text;
  most integer;
  rest integer;
begin
  if exists (select from net.bridge_control c where c.identity = 'copied') then
    return;
  end if;
  for lap in 1 .. 2 loop
    role := case when lap = 1 then after_role else 0::oid end;
    loop
      role := (
        select q.queued_by
        from net.http_request_queue q
        where q.state = 'due'
          and q.queued_by > role::regrole
        order by q.queued_by
        limit 1
      );
      exit when role is null or lap = 2 and role > after_role or cardinality(senders) = 100;
      senders := senders || role;
    end loop;
  end loop;

  most := ceil(max_hosts::double precision / greatest(cardinality(senders), 1));
  role_turn := 0;
  foreach role in array senders loop
    role_turn := role_turn + 1;
    first_host := coalesce(after_hosts[array_position(roles, role)], '');
    rest := most;
    for lap in 1 .. 2 loop
      host := case when lap = 1 then first_host else '' end;
      while rest > 0 loop
        host := (
          select q.host
          from net.http_request_queue q
          where q.state = 'due'
            and q.queued_by = role::regrole
            and q.host > host
          order by q.host
          limit 1
        );
        exit when host is null or lap = 2 and host > first_host;
        -- And on to the next, without reading what there is for it.
        continue when host = any (excluded);
        rest := rest - 1;
        cut := rest = 0 or cardinality(senders) = 100 and role = senders[100];
        return next;
      end loop;
    end loop;
  end loop;
end
$$;
