-- A claim writes one row for each host that it takes from, and changes no request: what is in flight is what a lease holds.

create table net.lease (
  -- The fence of every write-back.
  number bigint generated always as identity primary key,
  bridge uuid not null,
  -- All that it holds is queued for this host, and takes its slots.
  host text not null,
  until timestamptz not null,
  -- Those of them that have neither ended nor been given back. Never empty.
  ids bigint[] not null
) with (
  -- Its rows live for seconds, and are written at each extension and each write-back: in place, as nothing of that is indexed.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 5000
);

create index lease_host_idx on net.lease (host);

-- Slots that redirects take at other hosts, beside those at their own.
create table net.hop_slot (
  id bigint not null,
  host text not null,
  -- When the request's deadline is over. It goes before that where the request ends before.
  until timestamptz not null,
  primary key (host, id)
);

create index hop_slot_id_idx on net.hop_slot (id);

-- What a request is, while it is in the queue; what a lease holds is in flight, whatever its state says.
--   due      a claim may take it
--   waiting  a schedule, or a retry: due at due_at
--   keyed    whether another request has its key must be looked at first; due at due_at then, or at once
--   parked   kept out of every claim, since due_at, for the reason in error_msg
alter table net.http_request_queue
  add column state text not null default 'due',
  add column due_at timestamptz;

-- What bridges of the version before hold is left to them until their leases are over.
insert into net.lease (bridge, host, until, ids)
select q.replica, coalesce(q.home_host, q.host), max(q.lease_until), array_agg(q.id order by q.id)
from net.http_request_queue q
where q.replica is not null
  and isfinite(q.lease_until)
group by q.replica, coalesce(q.home_host, q.host);

-- In flight from here on: the attempt that is numbered next.
update net.http_request_queue q
set attempt = q.attempt - 1,
  host = coalesce(q.home_host, q.host),
  lease_until = null
where q.replica is not null
  and isfinite(q.lease_until);

update net.http_request_queue q
set state = case
    when q.lease_until = 'infinity' then 'parked'
    when q.lease_until = '-infinity' then 'keyed'
    else 'waiting'
  end,
  due_at = case
    when q.lease_until = 'infinity' then q.rank
    when q.lease_until = '-infinity' then q.rank + q.priority * interval '10 seconds'
    else q.lease_until
  end
where q.lease_until is not null;

-- As before, but for where a request is.
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
        and h.broken_until is not null
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
  q.created >= pg_catalog.now() and pg_catalog.pg_xact_status(net.full_xid(q.xmin)) = 'in progress' as queued_here
from net.http_request_queue q
cross join net.key_secret s
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

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
  q.state
from net.http_request_queue q
where false;

-- A bridge of the version before does not name the step that it knows: its heartbeat fails, and its log says why.
delete from net.replicas;

alter table net.replicas
  add column step integer,
  add constraint "schema net is newer than this bridge: replace the bridge" check (step is not null);

-- With their indexes.
alter table net.http_request_queue
  drop column lease_until,
  drop column replica,
  drop column home_host;

-- What a claim walks: the due requests of a host, in their order, among which are those in flight: at most the slots of
-- their host.
create index http_request_queue_due_idx on net.http_request_queue (host, rank, id)
where state = 'due';

-- What is not due: as large as that, and untouched by a usual insert.
create index http_request_queue_later_idx on net.http_request_queue (state, due_at)
where state <> 'due';

-- What these were before this step.
do $old$
declare
  signature text;
begin
  -- Not there where this is the first installation.
  foreach signature in array '{
    "net.queue_status(timestamptz, uuid, integer, boolean)",
    "net.is_free(timestamptz, uuid)",
    "net.claim(integer, interval, uuid, bigint, bigint, text, integer)",
    "net.overdue(integer, uuid, interval, boolean)",
    "net.promote(bigint[])",
    "net.promote_each(integer, uuid, interval, boolean)",
    "net.hop(bigint, integer, text)"
  }'::text[] loop
    execute pg_catalog.format('drop function if exists %s', signature);
  end loop;
end
$old$;

perform net.keep_private('{net.my_requests, net.lease, net.hop_slot}');
