-- What was sent, beside what came back: for view net.requests.

alter table net.http_request_queue
  -- Null: as net.bridge_control says.
  add column if not exists keep_request boolean;

alter table net.dead_letter
  add column if not exists keep_request boolean;

alter table net.bridge_control
  -- Whether headers and body of each request are kept with its response, see net.set_keep_request.
  add column if not exists keep_request boolean not null default false;

alter table net._http_response
  add column if not exists method text,
  -- Without the values of credential-like parameters: net.mask_url.
  add column if not exists url text,
  add column if not exists host text,
  -- When it was queued; when its last attempt began, how long that took, and which bridge sent it.
  add column if not exists queued timestamptz,
  add column if not exists attempt integer,
  add column if not exists max_attempts integer,
  add column if not exists sent timestamptz,
  add column if not exists duration_ms double precision,
  add column if not exists bridge text,
  -- Where that was asked for. Credentials are masked.
  add column if not exists request_headers jsonb,
  add column if not exists request_body bytea;

create or replace view net.new_request as
select
  q.id,
  q.method,
  q.url,
  q.headers,
  q.body,
  q.timeout_milliseconds,
  q.max_attempts,
  q.due_at as not_before,
  q.priority,
  q.rank,
  q.dedupe_key,
  q.fingerprint,
  q.fire_and_forget,
  q.keep_failed,
  q.state,
  q.sign_with,
  q.ordering_key,
  q.on_dead,
  q.on_response,
  q.notify_channel,
  q.keep_sent,
  q.webhook,
  q.webhook_table,
  q.keep_request
from net.http_request_queue q
where false;

-- As before, and what is new since.
create or replace view net.my_requests
with (security_barrier = true) as
select
  q.id,
  q.method,
  q.url,
  net.mask_headers(q.headers) as headers,
  q.body,
  q.timeout_milliseconds,
  q.host,
  q.queued_by,
  q.created,
  coalesce(q.idempotency_key, net.request_key(s.secret, q.id, q.created)) as idempotency_key,
  q.attempt,
  net.request_status(
    q.state,
    q.id in (
      select i.id
      from net.lease l
      cross join lateral unnest(l.ids) i (id)
      where l.until > pg_catalog.clock_timestamp()
    ),
    q.failures,
    q.due_at,
    exists (
      select
      from net.paused p
      where net.host_matches(q.host, p.host_pattern)
    )
    or exists (
      select
      from net.hosts h
      where h.host = q.host
        and h.breaker_open_until is not null
    )
  ) as status,
  q.error_msg,
  q.max_attempts,
  q.failures,
  q.priority,
  -- When it is sent at the earliest, where that is not now.
  case when q.state <> 'parked' then q.due_at end as not_before,
  q.dedupe_key,
  q.fire_and_forget,
  q.keep_failed,
  -- Only our own transaction (or a savepoint of it) is at once visible and in progress.
  q.created >= pg_catalog.now() and pg_catalog.pg_xact_status(net.full_xid(q.xmin)) = 'in progress' as queued_here,
  q.ordering_key,
  q.on_dead,
  q.on_response,
  q.notify_channel,
  q.keep_sent,
  q.webhook,
  q.webhook_table,
  q.keep_request
from net.http_request_queue q
cross join net.key_secret s
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

-- They have more arguments now.
perform net.retire('net.http_get(text, jsonb, jsonb, integer)', 18);
perform net.retire('net.http_post(text, jsonb, jsonb, jsonb, integer)', 18);
perform net.retire('net.http_put(text, jsonb, jsonb, jsonb, integer)', 18);
perform net.retire('net.http_patch(text, jsonb, jsonb, jsonb, integer)', 18);
perform net.retire('net.http_delete(text, jsonb, jsonb, integer, jsonb)', 18);
perform net.retire(
  'net.http_request(text, text, jsonb, jsonb, jsonb, integer, text, bytea, integer, timestamptz, integer, text, text, boolean, boolean, text, text, regprocedure, text, interval)',
  18);
