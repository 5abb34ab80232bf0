-- Whether this is the database that schema net was installed in, and not a dump of it restored elsewhere. One row a table,
-- no index; and the subscription by which rows of schema net come from another database, if there is one. Indexes: those of
-- pg_subscription_rel, and pg_class_oid_index.
select
  coalesce(c.identity = net.identity(), false) as same,
  coalesce(
    (
      select min(s.subname::text)
      from pg_subscription_rel r
      join pg_class t on t.oid = r.srrelid
      join pg_subscription s on s.oid = r.srsubid
      where t.relnamespace = (select n.oid from pg_namespace n where n.nspname = 'net')
    ),
    ''
  ) as subscription
from net.bridge_control c
