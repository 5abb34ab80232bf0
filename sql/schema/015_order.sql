-- Requests with one ordering_key go out one at a time, in the order of their ids, over all bridges.
--   ordered  a bridge must look whether another request of its key is ahead (net.order_requests)
--   behind   another one is; looked at again when that has left the queue
-- Of a key one request at most is active, that is in another state: the one that may be sent.

alter table net.http_request_queue
  -- Of the role that queued. Null: none waits for it, and it waits for none.
  add column if not exists ordering_key text collate "C",
  -- Its place among those of its key: its id, or where a dead letter is queued again the one that it had before.
  add column if not exists ordering_id bigint,
  -- halt: where it dies, those behind it wait until its dead letter is redelivered, discarded or expired. Else null.
  add column if not exists on_dead text;

alter table net.dead_letter
  add column if not exists ordering_key text collate "C",
  add column if not exists ordering_id bigint,
  add column if not exists on_dead text;

-- Those that wait for their turn, in their order.
create index if not exists http_request_queue_order_idx on net.http_request_queue (queued_by, ordering_key, ordering_id)
where ordering_key is not null and state in ('ordered', 'behind', 'keyed');

-- One of a key at most, whatever bridges do at once. What is parked ahead of others holds them up only where that was asked for.
create unique index if not exists http_request_queue_active_idx on net.http_request_queue (queued_by, ordering_key)
where ordering_key is not null and (state in ('due', 'waiting') or state = 'parked' and on_dead = 'halt');

create index if not exists dead_letter_halt_idx on net.dead_letter (queued_by, ordering_key)
where on_dead = 'halt';

-- Keys of which the active request has left: the next one may be due. Written where it leaves, and taken by net.order_requests: so neither waits
-- for the other, and none is missed whatever became visible when.
create table if not exists net.ordering_turn (
  number bigint generated always as identity primary key,
  queued_by regrole not null,
  ordering_key text not null collate "C",
  -- When to look, or to look again.
  at timestamptz not null default pg_catalog.clock_timestamp()
) with (
  -- Its rows live for milliseconds.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 5000
);

create index if not exists ordering_turn_at_idx on net.ordering_turn (at);

-- One row, which the one bridge has locked that looks just now.
create table if not exists net.ordering_lock (
  only_row boolean primary key default true check (only_row)
);

insert into net.ordering_lock default values
on conflict do nothing;

perform net.keep_private('{net.ordering_turn, net.ordering_lock}');

drop trigger if exists request_left on net.http_request_queue;

create trigger request_left
after delete on net.http_request_queue
for each row
when (old.ordering_key is not null and old.state not in ('ordered', 'behind'))
execute function net.pass_turn();

drop trigger if exists request_parked on net.http_request_queue;

create trigger request_parked
after update of state on net.http_request_queue
for each row
when (new.state = 'parked' and old.ordering_key is not null)
execute function net.pass_turn();

drop trigger if exists letter_left on net.dead_letter;

create trigger letter_left
after delete on net.dead_letter
for each row
when (old.on_dead = 'halt')
execute function net.pass_turn();

-- Whether dead letters are dropped instead of being queued again.
create or replace view net.redelivery as
select
  null::bigint[] as ids,
  null::text as host,
  null::timestamptz as since,
  null::text as error,
  null::timestamptz as until,
  null::regrole as ordered_by,
  null::bigint[] as new_ids,
  null::boolean as discard
where false;

-- It has more arguments now; and net.waiting_roles is net.roles_with.
perform net.retire(
  'net.http_request(text, text, jsonb, jsonb, jsonb, integer, text, bytea, integer, timestamptz, integer, text, text, boolean, boolean)',
  15);
drop function if exists net.waiting_roles();
