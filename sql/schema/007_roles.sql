-- Fair between the roles that queue, and what a rule says in one place.

-- Who queued what a lease holds.
alter table net.lease
  add column role regrole;

-- A lease from before this step may hold requests of several roles; for its last seconds it counts for the first of them.
update net.lease l
set role = coalesce(
  (
    select q.queued_by
    from net.http_request_queue q
    where q.id = l.ids[1]
  ),
  0::oid::regrole
);

alter table net.lease alter column role set not null;

-- What a claim walks: the due requests of a role to a host, in their order.
drop index net.http_request_queue_due_idx;

create index http_request_queue_due_idx on net.http_request_queue (queued_by, host, rank, id)
where state = 'due';

-- What is not due, for each role by itself: the requests of one that wait for their time do not keep those of another.
drop index net.http_request_queue_later_idx;

create index http_request_queue_later_idx on net.http_request_queue (state, queued_by, due_at)
where state <> 'due';

-- The rule for all hosts is always there; its nulls are the defaults of net.effective_host_rule.
insert into net.host_rule (host_pattern)
values ('*')
on conflict do nothing;

-- What may be sent for a role, over all bridges together. A null is without limit, but for the role's share.
create table net.role_rule (
  role regrole primary key,
  max_in_flight integer,
  per_second double precision,
  max_queued bigint,
  set_by regrole not null,
  since timestamptz not null default pg_catalog.clock_timestamp()
);

-- A row for each role with a rule: a claim locks it while it counts what the role has in flight.
create table net.role_state (
  role regrole primary key,
  -- Where its rate stands: see net.hosts.
  rate_limited_until timestamptz
) with (fillfactor = 50);

-- How many roles have a limit of their own in the queue: where that is none, calls need not ask (net.accept_request). A sequence, as
-- calls read its value in a fraction of what a row costs them; nobody takes the next one. Raised at once, and lowered at the end of
-- the transaction that changes a rule.
create sequence net.role_limits minvalue 0 owned by net.role_rule.max_queued;

perform pg_catalog.setval('net.role_limits', 0);

create constraint trigger count_limits
after insert or update or delete on net.role_rule
deferrable initially deferred
for each row
execute function net.count_role_limits();

-- An order, as those of step 5: whether the role that gives it may queue one more request.
create view net.room_check as
select
  null::bigint as id,
  null::regrole as ordered_by
where false;

create trigger a_stamp
instead of insert on net.room_check
for each row
execute function net.stamp_order();

create trigger carry_out
instead of insert on net.room_check
for each row
execute function net.ask_for_room();

-- What these were before this step.
drop function if exists net.claim_due(integer, interval, uuid, bigint, bigint, text, integer);
drop function if exists net.check_limit();

perform net.keep_private('{net.role_rule, net.role_state, net.role_limits, net.room_check}');
