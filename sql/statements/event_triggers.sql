-- The event triggers that are on, each with its function: one may be what an installation fails of. Index: none, there are few.
select
  t.evtname::text as name,
  p.proname::text as function
from pg_event_trigger t
join pg_proc p on p.oid = t.evtfoid
where t.evtenabled <> 'D'
order by t.evtname
