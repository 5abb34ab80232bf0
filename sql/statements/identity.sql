-- Whether this is the database that schema net was installed in, and not a dump of it restored elsewhere. One row a table,
-- no index.
select coalesce(c.identity = net.identity(), false) as same
from net.bridge_control c
