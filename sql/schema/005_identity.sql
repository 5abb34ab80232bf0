-- Who may do what is decided by the effective role, where PostgreSQL itself knows it: by triggers that run as the one who
-- inserts, and by row-level security.

-- The gate looks that nobody gives these anything else, or stamps them, for whoever inserts.
alter table net.http_request_queue
  -- How often its bridge died, or was cut off for longer than the lease, while it held the request.
  add column losses smallint not null default 0,
  -- The host by its URL, while a redirect has led the request to another.
  add column home_host text,
  alter column queued_by set default net.caller(),
  alter column created set default pg_catalog.clock_timestamp(),
  alter column rank set default pg_catalog.clock_timestamp(),
  alter column attempt set default 0,
  -- Null where it is net.request_key's.
  alter column idempotency_key drop not null;

-- What nobody outside knows of a request's key.
create table net.key_secret (
  only_row boolean primary key default true check (only_row),
  secret uuid not null default pg_catalog.gen_random_uuid()
);

insert into net.key_secret default values;

-- The gate looks at every row, as a condition would be parsed for each statement.
drop trigger accept_request on net.http_request_queue;

create trigger accept_request
before insert on net.http_request_queue
for each row
execute function net.accept_request();

-- An index that serves a condition on an id tells nobody whether somebody else's is there: who queued is in it.
alter table net.http_request_queue
  drop constraint http_request_queue_pkey,
  add constraint http_request_queue_pkey primary key (id, queued_by);

alter table net._http_response
  drop constraint _http_response_pkey,
  add constraint _http_response_pkey primary key (id, queued_by);

alter table net.dead_letter_secret
  drop constraint dead_letter_secret_id_fkey;

alter table net.dead_letter
  drop constraint dead_letter_pkey,
  add constraint dead_letter_pkey primary key (id, queued_by);

alter table net.attempts
  drop constraint attempts_pkey,
  add constraint attempts_pkey primary key (id, queued_by, attempt);

-- Of keys an index holds a hash.
drop index net.http_request_queue_key_idx;
drop index net._http_response_key_idx;
drop index net.dead_letter_key_idx;

create index http_request_queue_key_idx on net.http_request_queue (net.key_hash(queued_by, dedupe_key), id)
where dedupe_key is not null;

create index _http_response_key_idx on net._http_response (net.key_hash(queued_by, dedupe_key), id)
where dedupe_key is not null;

create index dead_letter_key_idx on net.dead_letter (net.key_hash(queued_by, dedupe_key), id)
where dedupe_key is not null;

-- What a role locks while it looks for a key and takes it: 256 rows for each role that has ever named one.
create table net.key_slot (
  queued_by regrole,
  slot integer,
  primary key (queued_by, slot)
);

-- As before, but for who "who queued" is, and in a form that an index serves: also before PostgreSQL 17, which leaves a list of
-- roles to a filter, the first and the last of them keep the rows of others out of an index scan.
drop policy own on net._http_response;
drop policy own on net.dead_letter;
drop policy own on net.attempts;

create policy own on net._http_response
for select
using (
  queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and queued_by = any ((select net.visible_roles())::regrole[])
);

create policy own on net.dead_letter
for select
using (
  queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and queued_by = any ((select net.visible_roles())::regrole[])
);

create policy own on net.attempts
for select
using (
  queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and queued_by = any ((select net.visible_roles())::regrole[])
);

-- What a call inserts into. Nothing is read from it but the id that an insert returns, for which the table itself would ask
-- for the right to read all ids. lease_until is checked by the gate.
create view net.new_request as
select
  q.id,
  q.method,
  q.url,
  q.headers,
  q.body,
  q.timeout_milliseconds,
  q.max_attempts,
  q.lease_until as not_before,
  q.priority,
  q.rank,
  q.dedupe_key,
  q.fingerprint,
  q.fire_and_forget,
  q.keep_failed
from net.http_request_queue q
where false;

-- Orders: a row that is inserted is carried out by a definer trigger, in which current_user is its owner, and its result is what
-- the insert returns. Who gives it is stamped by a trigger before that, which runs as the one who does.
create view net.cancellation as
select
  null::bigint[] as ids,
  null::text as host,
  null::timestamptz as since,
  null::text as error,
  null::timestamptz as until,
  null::regrole as ordered_by,
  null::bigint as cancelled
where false;

create view net.redelivery as
select
  null::bigint[] as ids,
  null::text as host,
  null::timestamptz as since,
  null::text as error,
  null::timestamptz as until,
  null::regrole as ordered_by,
  null::bigint[] as new_ids
where false;

create view net.key_lookup as
select
  null::text as key,
  null::bytea as fingerprint,
  null::regrole as ordered_by,
  null::bigint as same_id,
  null::boolean as unsure
where false;

-- In the order of their names.
create trigger a_stamp
instead of insert on net.cancellation
for each row
execute function net.stamp_order();

create trigger a_stamp
instead of insert on net.redelivery
for each row
execute function net.stamp_order();

create trigger a_stamp
instead of insert on net.key_lookup
for each row
execute function net.stamp_order();

create trigger carry_out
instead of insert on net.cancellation
for each row
execute function net.cancel_requests();

create trigger carry_out
instead of insert on net.redelivery
for each row
execute function net.redeliver_letters();

create trigger carry_out
instead of insert on net.key_lookup
for each row
execute function net.look_up_key();

-- What these were before this step.
drop function if exists net.check_room(integer);
drop function if exists net.plain_host(text);
drop function if exists net.cancel_requests(bigint[]);
drop function if exists net.redeliver_letters(bigint[]);
drop function if exists net.queue_key(text, bytea);
drop function if exists net.key_lock(regrole, text);
drop function if exists net.may_see(regrole);
drop function if exists net.is_blocked(text);

-- Hosts have one name from now on. A host that has none is not sent to; one too long for an index would stop the others.
with named as (
  select q.id, coalesce(net.plain_host('GET', q.url, '{}', 1, 1, 0, null, null), net.host_of(q.url)) as host
  from net.http_request_queue q
)
update net.http_request_queue q
set host = coalesce(n.host, left(q.host, 255)),
  lease_until = case when n.host is null then 'infinity' else q.lease_until end,
  error_msg = case when n.host is null then 'Not sent: url has no valid host' else q.error_msg end
from named n
where n.id = q.id
  and n.host is distinct from q.host;

update net.dead_letter d
set host = coalesce(net.host_of(d.url), left(d.host, 255))
where d.host is distinct from net.host_of(d.url);

delete from net.hosts h
where not exists (
  select
  from net.http_request_queue q
  where q.host = h.host
);

do $patterns$
declare
  old_pattern text;
  new_pattern text;
begin
  for old_pattern in
    select host_pattern from net.paused
    union
    select host_pattern from net.host_rule
  loop
    begin
      new_pattern := net.host_pattern(old_pattern);
    exception
      when invalid_parameter_value then
        raise notice 'the pause or rule for % is dropped: no host has that name', old_pattern;
        new_pattern := null;
    end;
    if new_pattern is distinct from old_pattern then
      insert into net.paused (host_pattern, paused_by, since)
      select new_pattern, p.paused_by, p.since
      from net.paused p
      where p.host_pattern = old_pattern
        and new_pattern is not null
      on conflict do nothing;
      delete from net.paused p
      where p.host_pattern = old_pattern;
      insert into net.host_rule (
        host_pattern, max_in_flight, per_second, break_failure_rate, break_min_requests, break_for, set_by, since
      )
      select
        new_pattern, r.max_in_flight, r.per_second, r.break_failure_rate, r.break_min_requests, r.break_for, r.set_by, r.since
      from net.host_rule r
      where r.host_pattern = old_pattern
        and new_pattern is not null
      on conflict do nothing;
      delete from net.host_rule r
      where r.host_pattern = old_pattern;
    end if;
  end loop;
end
$patterns$;

perform net.keep_private('{net.key_slot, net.key_secret, net.new_request, net.cancellation, net.redelivery, net.key_lookup}');
