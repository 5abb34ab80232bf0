-- Whether this role may vacuum the queue: PostgreSQL would skip the table otherwise, and warn in its log each time. Before 17 only its owner
-- may. No index: the catalog's own.
select
  pg_has_role(c.relowner, 'usage')
  or case
    when current_setting('server_version_num')::integer >= 170000 then has_table_privilege(c.oid, 'maintain')
    else false
  end as permitted
from pg_class c
where c.oid = 'net.http_request_queue'::regclass::oid
