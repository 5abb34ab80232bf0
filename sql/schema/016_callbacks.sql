-- What a request calls in the database when its response is there: a function, by a bridge with --callback-url, and whoever listens to a channel.

alter table net.http_request_queue
  -- A function of one bigint, as regprocedure writes it: a text, as a dump has other numbers, and pg_upgrade takes no table with them.
  add column if not exists on_response text,
  add column if not exists notify_channel text;

alter table net.dead_letter
  add column if not exists on_response text,
  add column if not exists notify_channel text;

-- Functions that are to be called, and those that failed, until their response would expire. At least once: what a bridge calls stays here until
-- it knows the outcome.
create table if not exists net.callback (
  number bigint generated always as identity primary key,
  -- The request's.
  id bigint not null,
  queued_by regrole not null,
  function text not null,
  created timestamptz not null default pg_catalog.clock_timestamp(),
  -- When a bridge calls it, or does so again if it knows no outcome by then; null: not any more, for the reason in error_msg.
  due_at timestamptz default pg_catalog.clock_timestamp(),
  attempts integer not null default 0,
  error_msg text
) with (
  autovacuum_vacuum_scale_factor = 0.1,
  autovacuum_vacuum_threshold = 1000
);

create index if not exists callback_due_idx on net.callback (queued_by, due_at)
where due_at is not null;

create index if not exists callback_created_idx on net.callback (created);

alter table net.callback enable row level security;

drop policy if exists own on net.callback;

create policy own on net.callback
for select
using (
  queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and queued_by = any ((select net.visible_roles())::regrole[])
);

-- As which roles bridges call them.
create table if not exists net.callback_role (
  role regrole primary key,
  seen timestamptz not null default pg_catalog.clock_timestamp()
);

perform net.keep_private('{net.callback, net.callback_role}');

drop trigger if exists request_answered on net.http_request_queue;

create trigger request_answered
after delete on net.http_request_queue
for each row
when (old.on_response is not null or old.notify_channel is not null)
execute function net.announce();
