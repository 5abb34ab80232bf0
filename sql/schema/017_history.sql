-- Whole requests that are kept after success, where that was asked for, so that they can be sent again; and which webhook a request is of.

alter table net.http_request_queue
  add column if not exists keep_sent interval,
  -- By name and table, as net.webhooks has it.
  add column if not exists webhook text,
  add column if not exists webhook_table regclass;

alter table net.dead_letter
  add column if not exists keep_sent interval,
  add column if not exists webhook text,
  add column if not exists webhook_table regclass;

alter table net._http_response
  add column if not exists webhook text,
  add column if not exists webhook_table regclass;

create index if not exists _http_response_webhook_idx on net._http_response (webhook_table, webhook, created)
where webhook is not null;

create index if not exists dead_letter_webhook_idx on net.dead_letter (webhook_table, webhook)
where webhook is not null;

create table if not exists net.sent_request (
  id bigint not null,
  method text not null,
  url text not null,
  -- As they are shown: credentials are masked. What was masked is in sent_request_secret.
  headers jsonb not null,
  body bytea,
  timeout_milliseconds integer not null,
  host text not null,
  queued_by regrole not null,
  created timestamptz not null,
  sent timestamptz not null default pg_catalog.clock_timestamp(),
  -- When it is deleted, or earlier where its role keeps more than its part, see net.trim_sent.
  until timestamptz not null,
  status_code integer,
  -- Of all that is kept of it, roughly.
  bytes integer not null,
  max_attempts integer not null,
  priority integer not null,
  idempotency_key uuid not null,
  fire_and_forget boolean not null,
  keep_failed boolean not null,
  sign_with text,
  ordering_key text collate "C",
  ordering_id bigint,
  on_dead text,
  on_response text,
  notify_channel text,
  keep_sent interval not null,
  webhook text,
  webhook_table regclass,
  primary key (id, queued_by)
);

create index if not exists sent_request_until_idx on net.sent_request (until);

create index if not exists sent_request_webhook_idx on net.sent_request (webhook, created)
where webhook is not null;

alter table net.sent_request enable row level security;

drop policy if exists own on net.sent_request;

create policy own on net.sent_request
for select
using (
  queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and queued_by = any ((select net.visible_roles())::regrole[])
);

-- Where headers were masked: as they were sent.
create table if not exists net.sent_request_secret (
  id bigint not null,
  queued_by regrole not null,
  headers jsonb not null,
  primary key (id, queued_by)
);

-- An order to send again what was sent, and what died, of a webhook: see net.replay.
create or replace view net.replaying as
select
  null::text as webhook,
  null::timestamptz as since,
  null::timestamptz as until,
  null::boolean as only_failed,
  null::boolean as new_key,
  null::regclass as webhook_table,
  null::regrole as ordered_by,
  null::bigint as count
where false;

drop trigger if exists a_stamp on net.replaying;

create trigger a_stamp
instead of insert on net.replaying
for each row
execute function net.stamp_order();

drop trigger if exists carry_out on net.replaying;

create trigger carry_out
instead of insert on net.replaying
for each row
execute function net.replay_requests();

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
  q.webhook_table
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
  q.webhook_table
from net.http_request_queue q
cross join net.key_secret s
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

perform net.keep_private('{net.sent_request, net.sent_request_secret, net.replaying}');

-- They have more arguments now.
perform net.retire(
  'net.create_webhook(text, regclass, text[], text, text, jsonb, text, text[], text[], text, regprocedure, integer, integer, integer, text, boolean, boolean, boolean, regclass, text, text, integer, integer)',
  17);
drop function if exists net.webhook_problem(text, regclass, text[], text[], text[], text, regprocedure);
