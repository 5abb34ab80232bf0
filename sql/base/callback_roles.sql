-- API: helper
-- As which roles bridges call on_response functions, of those that were here within a day: one that is being replaced is still expected.
-- Definer, as nobody else reads that table, which has a row for each such role.
create or replace function net.callback_roles()
returns regrole[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(c.role), '{}')
  from net.callback_role c
  join pg_roles r on r.oid = c.role
  where c.seen > clock_timestamp() - interval '1 day'
$$;
