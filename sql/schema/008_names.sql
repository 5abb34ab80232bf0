-- The names of the field: a bridge is called a bridge, as a replica is a standby to a DBA.

create table net.bridges (
  bridge uuid primary key,
  name text not null,
  version text not null,
  state text not null,
  in_flight integer not null,
  started timestamptz not null default pg_catalog.clock_timestamp(),
  seen timestamptz not null default pg_catalog.clock_timestamp(),
  -- The last step of the schema that it knows.
  step integer not null
);

-- Stays empty: a bridge of an earlier version still writes its heartbeat here, and its log then says why that failed.
delete from net.replicas;

alter table net.replicas
  add constraint "schema net is newer than this bridge; replace the bridge" check (false);

-- One row: the bridge that polls while senders do not notify.
alter table net.duty rename to leader;
alter table net.leader rename constraint duty_pkey to leader_pkey;
alter table net.leader rename column replica to bridge;

alter table net.attempts rename column replica to bridge;

alter table net.hosts rename column paced_until to rate_limited_until;
alter table net.hosts rename column broken_until to breaker_open_until;
alter index net.hosts_broken_idx rename to hosts_breaker_open_idx;

drop trigger ring on net.http_request_queue;

create trigger notify_bridges
after insert on net.http_request_queue
for each statement
execute function net.notify_bridges();

drop function if exists net.ring();

perform net.keep_private('{net.bridges}');
