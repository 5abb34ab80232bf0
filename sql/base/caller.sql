-- API: public
-- Who queued: the outer role. Inside a definer function current_user is the function's owner; the role that the session
-- set itself ("role"), or else logged in as, is not changed by any function on the way. It decides what a role sees and
-- never whose rights code runs with.
create or replace function net.caller()
returns regrole
language sql
stable
parallel safe
return pg_catalog.to_regrole(
  pg_catalog.quote_ident(
    case pg_catalog.current_setting('role')
      when 'none' then session_user::text
      else pg_catalog.current_setting('role')
    end
  )
);
