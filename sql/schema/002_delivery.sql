-- Delivery: retries, schedules, priorities, keys, dead letters, the history of attempts, pauses, and the limit of the queue.

-- Constant defaults: none of these rewrites the table.
alter table net.http_request_queue
  add column max_attempts integer not null default 1,
  -- Attempts that failed and counted. `attempt` counts claims: some end unsent, or with the bridge that made them.
  add column failures integer not null default 0,
  add column priority integer not null default 0,
  -- The order among the due requests of one host: the time from which it is due, less 10 s a level of priority. A request
  -- that waits thereby gains a level every 10 s, and nothing that is stored has to change for it.
  add column rank timestamptz not null default pg_catalog.now(),
  -- What the caller named the request, within its role, and what it must look like when it is named again.
  add column dedupe_key text,
  add column fingerprint bytea,
  add column fire_and_forget boolean not null default false,
  add column keep_failed boolean not null default false;

-- lease_until has one meaning more. Null: due. Else no claim takes the row before then: a replica holds it, or, where
-- there is none, its time has not come (a schedule, or a retry). '-infinity': whether another request has the same key
-- must be looked at first. 'infinity': parked, as before.

-- What a claim walks: the due requests of a host, in their order. What is held, or waits for its time, is not in it.
create index http_request_queue_due_idx on net.http_request_queue (host, rank, id)
where lease_until is null;

-- Requests that were named. Empty for everyone who names none.
create index http_request_queue_key_idx on net.http_request_queue (queued_by, dedupe_key)
where dedupe_key is not null;

alter table net._http_response
  -- No answer, or none but such as are retried, until its attempts were spent. Any other HTTP answer is a success.
  add column failed boolean not null default false,
  add column dedupe_key text,
  add column fingerprint bytea,
  -- The request that was sent in place of this one, which was queued with the same key at the same time.
  add column same_as bigint;

create index _http_response_key_idx on net._http_response (queued_by, dedupe_key)
where dedupe_key is not null;

-- Whole requests whose attempts are spent, until they are redelivered or expire.
create table net.dead_letter (
  id bigint primary key,
  method text not null,
  url text not null,
  -- As they are shown: credentials are masked. What was masked is in dead_letter_secret.
  headers jsonb not null,
  body bytea,
  timeout_milliseconds integer not null,
  host text not null,
  queued_by regrole not null,
  created timestamptz not null,
  died timestamptz not null default pg_catalog.clock_timestamp(),
  -- The last answer, or why there was none.
  status_code integer,
  error_msg text not null,
  failures integer not null,
  max_attempts integer not null,
  priority integer not null,
  idempotency_key uuid not null,
  dedupe_key text,
  fingerprint bytea,
  fire_and_forget boolean not null,
  keep_failed boolean not null
);

create index dead_letter_died_idx on net.dead_letter (died);

create index dead_letter_key_idx on net.dead_letter (queued_by, dedupe_key)
where dedupe_key is not null;

-- The headers as they are sent. Granted to nobody.
create table net.dead_letter_secret (
  id bigint primary key references net.dead_letter on delete cascade,
  headers jsonb not null
);

-- Every attempt at a request that may be sent more than once, the newest 100 of each, and every attempt that was lost
-- with its bridge. They go with the response, or with the dead letter.
create table net.attempts (
  id bigint,
  attempt integer,
  started timestamptz not null,
  duration_ms double precision,
  status_code integer,
  -- Why there was no answer: timeout, dns, connect, closed, ... or lost, with the bridge that made it.
  failure text,
  error_msg text,
  replica text,
  queued_by regrole not null,
  primary key (id, attempt)
);

alter table net.dead_letter enable row level security;

create policy own on net.dead_letter
for select
using (pg_catalog.pg_has_role((select net.caller()), queued_by, 'member') or (select net.is_owner()));

alter table net.attempts enable row level security;

create policy own on net.attempts
for select
using (pg_catalog.pg_has_role((select net.caller()), queued_by, 'member') or (select net.is_owner()));

-- Hosts to which nothing is sent.
create table net.paused (
  host_pattern text primary key,
  paused_by regrole not null,
  since timestamptz not null default pg_catalog.clock_timestamp()
);

-- The cluster and the database that this was installed in; a restored dump is elsewhere.
alter table net.bridge_control
  add column identity text;

-- One row: the limit of the queue, and what a bridge counted last: so many requests, when so many ids had been given. A
-- table of its own, as no call locks it that a granted role can make.
create table net.queue_limit (
  only_row boolean primary key default true check (only_row),
  max_queued bigint not null default 5000000,
  counted bigint not null default 0,
  counted_id bigint not null default 0
);

insert into net.queue_limit default values;

-- What these were before this step. There are no overloads: untyped arguments always find their function.
drop function if exists net.queue_status(timestamptz);

do $drop$
begin
  drop function if exists net.http_request(text, text, jsonb, jsonb, jsonb, integer, text, bytea);
exception
  when dependent_objects_still_exist then
    raise exception using
      errcode = 'dependent_objects_still_exist',
      message = 'objects of yours depend on net.http_request, which gets new arguments',
      detail = (
        select pg_catalog.string_agg(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ')
        from pg_catalog.pg_depend d
        where d.refobjid = 'net.http_request(text, text, jsonb, jsonb, jsonb, integer, text, bytea)'::regprocedure
          and d.deptype = 'n'
      ),
      hint = 'Drop them (or the defaults that call it), install again, and make them anew. Nothing has been changed.';
end
$drop$;

perform net.keep_private('{net.dead_letter, net.dead_letter_secret, net.attempts, net.paused, net.queue_limit}');
