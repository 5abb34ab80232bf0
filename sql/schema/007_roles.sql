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

-- Whether some role has a limit of its own in the queue: then each call compares (net.check_limit). In the one row that who sets
-- such a limit and who counts the queue both lock.
alter table net.queue_limit
  add column by_role boolean not null default false;

-- What these were before this step.
drop function if exists net.claim_due(integer, interval, uuid, bigint, bigint, text, integer);
drop function if exists net.check_limit();

perform net.keep_private('{net.role_rule, net.role_state}');
