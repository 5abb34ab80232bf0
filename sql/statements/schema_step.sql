-- The newest step of sql/schema that the database has taken. Index: schema_step_pkey.
select max(s.step) as step
from net.schema_step s
