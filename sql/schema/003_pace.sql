-- Pace: who is on duty for the bell, what a sender's commit costs, and what each host may have.

-- The places of a host that are taken. First of all, as it reads the whole table: reads go on meanwhile.
create index http_request_queue_held_idx on net.http_request_queue (host, lease_until)
where replica is not null;

-- One row: the bridge that looks at the queue while senders are quiet, and until when, unless it says so again. A table of
-- its own, as no call locks it that a role can make.
create table net.duty (
  only_row boolean primary key default true check (only_row),
  replica uuid,
  until timestamptz not null default '-infinity'
) with (fillfactor = 50);

insert into net.duty default values;

-- A function of ours stamps what it has checked; the gate is for the rest.
drop trigger accept_request on net.http_request_queue;

create trigger accept_request
before insert on net.http_request_queue
for each row
when (new.host is null)
execute function net.accept_request();

-- What may go to a host, over all bridges together. A null is as the rule for * says, or as net.set_host_rule says where
-- that says nothing; infinity is without limit.
create table net.host_rule (
  host_pattern text primary key,
  max_in_flight integer,
  per_second double precision,
  break_failure_rate double precision,
  break_min_requests integer,
  break_for interval,
  set_by regrole,
  since timestamptz not null default pg_catalog.clock_timestamp()
);

-- The hosts that something is, or was of late, queued for. Who claims for a host locks its row while it counts its places.
create table net.hosts (
  host text primary key,
  -- What net.patterns_of gives for it.
  patterns text[] not null,
  -- Where its pace stands: a request each so many milliseconds from there on.
  paced_until timestamptz,
  -- Its breaker. Null: closed. In the future: open. In the past: one request at a time goes out, as a probe.
  broken_until timestamptz,
  openings integer not null default 0
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.2, autovacuum_vacuum_threshold = 1000);

create index hosts_broken_idx on net.hosts (broken_until)
where broken_until is not null;

perform net.keep_private('{net.duty, net.host_rule, net.hosts}');
