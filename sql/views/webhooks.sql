-- The webhooks on tables that the caller owns, as a member of their owner too. All of it is in PostgreSQL's own catalogs: a dump has it, and
-- a table that is renamed or dropped takes it along. Runs as who reads. pg_trigger is small. What they sent is counted as far as it is
-- kept and the caller may see it: waiting requests in all that are queued, the rest by _http_response_webhook_idx and dead_letter_webhook_idx.
create or replace view net.webhooks
with (security_invoker = true) as
select
  h.*,
  -- Counted when they are read.
  (
    select pg_catalog.count(*)
    from net.my_requests q
    where q.webhook_table = h."table"
      and q.webhook = h.name
      and q.queued_by::oid = h.runs_as::oid
  ) as waiting,
  a.succeeded,
  a.failed,
  (
    select pg_catalog.count(*)
    from net.dead_letter d
    where d.webhook_table = h."table"
      and d.webhook = h.name
      and d.queued_by::oid = h.runs_as::oid
  ) as dead,
  l.last_at,
  l.last_status,
  l.last_error
from (
  select
    w.settings ->> 'webhook' as name,
    t.tgrelid::regclass as "table",
    pg_catalog.array_agg(pg_catalog.lower(e.event) order by e.bit) as events,
    w.settings ->> 'url' as url,
    w.settings ->> 'method' as method,
    pg_catalog.bool_and(t.tgenabled operator(pg_catalog.<>) 'D') as enabled,
    w.settings ->> 'condition' as condition,
    w.settings ->> 'format' as format,
    net.mask_headers(w.settings -> 'headers') as headers,
    p.proowner::regrole as runs_as,
    p.oid::regprocedure as function,
    w.settings ->> 'endpoints' as endpoints,
    w.settings ->> 'mode' as mode
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
  cross join lateral (
    select net.webhook_settings(p.oid) as settings
    offset 0
  ) w
  join (
    values (4, 'insert'), (16, 'update'), (8, 'delete'), (32, 'truncate')
  ) e (bit, event) on (t.tgtype::integer & e.bit) operator(pg_catalog.<>) 0
  where t.tgparentid = 0
    and p.proname like 'pgnetty\_%'
    and p.proname = 'pgnetty_' || (w.settings ->> 'webhook')
    and pg_catalog.pg_has_role(c.relowner, 'usage')
  group by t.tgrelid, p.oid, p.proowner, w.settings
) h
cross join lateral (
  select
    pg_catalog.count(*) filter (where not r.failed and r.status_code is not null) as succeeded,
    pg_catalog.count(*) filter (where r.failed or r.status_code is null) as failed
  from net._http_response r
  where r.webhook_table = h."table"
    and r.webhook = h.name
    and r.queued_by::oid = h.runs_as::oid
    and not r.cancelled
) a
left join lateral (
  select r.created as last_at, r.status_code as last_status, r.error_msg as last_error
  from net._http_response r
  where r.webhook_table = h."table"
    and r.webhook = h.name
    and r.queued_by::oid = h.runs_as::oid
  order by r.created desc
  limit 1
) l on true;
