-- What waits and what came back. The leading columns are pg_net's, in its order.

create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');

create type net.http_response as (
  status_code integer,
  headers jsonb,
  body text
);

create type net.http_response_result as (
  status net.request_status,
  message text,
  response net.http_response
);

create table net.http_request_queue (
  id bigint generated always as identity primary key,
  method text not null,
  url text not null,
  headers jsonb not null default '{}',
  body bytea,
  timeout_milliseconds integer not null default 5000,

  -- Stamped by the trigger accept_request, whatever the insert says.
  host text not null,
  queued_by regrole not null,
  created timestamptz not null,
  idempotency_key uuid not null,

  -- The lease: attempt is its number and the fence of every write-back. Null: nobody holds the row.
  -- 'infinity': the answer came but could not be stored, for the reason in error_msg; it is not sent again.
  attempt integer not null,
  lease_until timestamptz,
  replica uuid,
  error_msg text
) with (
  -- Every row here is soon dead: vacuum by number of rows, not by share of the table.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_insert_scale_factor = 0.2,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 5000,
  toast.autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 1000
);

-- Holds what is leased only: as large as what is in flight, and untouched by a sender's insert.
create index http_request_queue_leased_idx on net.http_request_queue (lease_until)
where lease_until is not null;

create table net._http_response (
  id bigint primary key,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default pg_catalog.clock_timestamp(),

  queued_by regrole not null,
  cancelled boolean not null default false,
  content_bytes bytea
) with (
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 1000
);

-- Retention walks it from the oldest on.
create index _http_response_created_idx on net._http_response (created);

-- A role sees the responses to what it, or a role that it is a member of, has queued. The caller is looked up once a
-- query, not once a row.
alter table net._http_response enable row level security;

create policy own on net._http_response
for select
using (pg_catalog.pg_has_role((select net.caller()), queued_by, 'member') or (select net.is_owner()));

-- Every bridge that serves this database. One that has not been seen for 15 s counts as gone.
create table net.replicas (
  replica uuid primary key,
  name text not null,
  version text not null,
  state text not null,
  in_flight integer not null,
  started timestamptz not null default pg_catalog.clock_timestamp(),
  seen timestamptz not null default pg_catalog.clock_timestamp()
);

-- One row: what bridges are asked to do.
create table net.bridge_control (
  only_row boolean primary key default true check (only_row),
  restarts bigint not null default 0,
  restart_asked timestamptz not null default '-infinity'
);

insert into net.bridge_control default values;

-- At the gate and at the bell.
create trigger accept_request
before insert on net.http_request_queue
for each row
execute function net.accept_request();

create trigger ring
after insert on net.http_request_queue
for each statement
execute function net.notify_bridges();

-- Whether a lease is there says nothing of how many are: with statistics from an idle moment the planner would sort the
-- whole queue for a claim.
alter table net.http_request_queue alter column lease_until set statistics 0;

perform net.keep_private(array(
  select c.oid::regclass
  from pg_catalog.pg_class c
  where c.relnamespace = 'net'::regnamespace
));
