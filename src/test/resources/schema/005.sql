begin;
set local pgnetty.grantees = '{}';
set local pgnetty.unlogged = '';
set local pgnetty.adopt = '';
set local pgnetty.granted = '{"caller","canonical_host","check_limit","code_points","full_xid","headers_problem","host_matches","host_of","host_pattern","idn_to_ascii","idna","idna_fold","ipv4_of","is_credential","is_owner","is_utf8","key_hash","mask_headers","plain_host","punycode","queue_status","request_key","url_problem","visible_roles","_http_collect_response","ask_restart","bridge_is_up","cancel","cancel_where","charset","check_request","check_worker_is_up","content_type","fingerprint","http_collect_response","http_delete","http_get","http_get_result","http_patch","http_post","http_put","http_request","http_request_status","json_body","json_headers","need_filter","redeliver","redeliver_where","text_headers","url_encode","wait_until_running","wake","with_content_type","with_params","worker_restart"}';

-- Refuses, with what to do, before anything is changed. Runs inside the install's transaction, whose search_path is
-- pinned: operators and functions of others must not come before PostgreSQL's own, least of all for a superuser.
-- Locks: an advisory lock, so that two installs go one after the other. No wait is long: behind one that waits for a lock
-- on the queue, all senders would.
set local search_path = pg_catalog, pg_temp;
set local lock_timeout = '5s';
set local check_function_bodies = off;

do $lock$
declare
  id constant bigint := pg_catalog.hashtextextended('pgnetty install', 0);
  holder record;
begin
  if pg_catalog.pg_try_advisory_xact_lock(id) then
    return;
  end if;
  begin
    perform pg_catalog.pg_advisory_xact_lock(id);
  exception
    when lock_not_available then
      select l.pid, coalesce(a.usename, 'unknown') as role
      into holder
      from pg_catalog.pg_locks l
      left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory'
        and l.objsubid = 1
        and (l.classid::bigint << 32 | l.objid::bigint) = id
        and l.granted
      limit 1;
      raise exception using
        errcode = 'lock_not_available',
        message = pg_catalog.format(
          'another session has held the lock of the installation for 5 s: process %s of role "%s"', holder.pid, holder.role),
        hint = 'Wait for it if it is another install; else end it (select pg_terminate_backend(pid)).';
  end;
end
$lock$;

do $guard$
declare
  net_owner name;
begin
  if pg_catalog.current_setting('server_version_num')::integer < 150000 then
    raise exception using
      errcode = 'feature_not_supported',
      message = pg_catalog.format('PostgreSQL %s is not supported', pg_catalog.current_setting('server_version')),
      hint = 'pgnetty needs PostgreSQL 15 or later.';
  end if;

  if pg_catalog.pg_is_in_recovery() then
    raise exception using
      errcode = 'read_only_sql_transaction',
      message = 'this server is a standby and cannot be written to',
      hint = 'Give the URL of the primary.';
  end if;

  select pg_catalog.pg_get_userbyid(n.nspowner)
  into net_owner
  from pg_catalog.pg_namespace n
  where n.nspname = 'net';

  if found and exists (
    select
    from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
      and e.extname = 'pg_net'
  ) then
    raise exception using
      errcode = 'duplicate_schema',
      message = 'the extension pg_net is installed in this database, in the schema "net" that pgnetty needs',
      hint = 'Wait until net.http_request_queue is empty, then: drop extension pg_net; drop schema if exists net; and install again. The SQL of your application stays as it is.';
  end if;

  if net_owner is not null and pg_catalog.to_regclass('net.schema_step') is null then
    raise exception using
      errcode = 'duplicate_schema',
      message = pg_catalog.format('there is a schema "net" of role "%s" that pgnetty did not make', net_owner),
      hint = 'Rename it (alter schema net rename to ...) or drop it, and install again.';
  end if;

  -- What is in `net` is its owner's: triggers of his would run as whoever upgrades, and `set role` does not hold them. So
  -- neither the role nor who logged in may be another, or all of them must be superusers.
  if (net_owner <> current_user or net_owner <> session_user)
    and not (
      select pg_catalog.bool_and(r.rolsuper)
      from pg_catalog.pg_roles r
      where r.rolname in (net_owner, current_user, session_user)
    )
    -- A role that is no superuser has nothing to lose by an owner that it may become anyway.
    and exists (
      select
      from pg_catalog.pg_roles r
      where r.rolname in (current_user, session_user)
        and (r.rolsuper or r.rolname = current_user and r.rolname <> net_owner)
    )
  then
    raise exception using
      errcode = 'insufficient_privilege',
      message = pg_catalog.format('the schema "net" belongs to role "%s"', net_owner),
      hint = pg_catalog.format('Install as "%s".', net_owner);
  end if;

  if net_owner is null
    and not pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')
  then
    raise exception using
      errcode = 'insufficient_privilege',
      message = pg_catalog.format(
        'role "%s" may not create a schema in database "%s"', current_user, pg_catalog.current_database()),
      hint = pg_catalog.format(
        'As its owner or a superuser: grant create on database %I to %I;', pg_catalog.current_database(), current_user);
  end if;

  if net_owner is null then
    create schema net;
  elsif net_owner <> current_user then
    execute pg_catalog.format('set local role %I', net_owner);
  end if;
end
$guard$;

-- The steps of sql/schema that this database has taken.
create table if not exists net.schema_step (
  step integer primary key,
  taken timestamptz not null default pg_catalog.clock_timestamp()
);

-- API: private
-- The gate into the queue, for INSERT, for COPY and for the functions: refuses what could never be sent, and stamps what the
-- sender does not decide, whatever the row says. The columns' defaults do most of that for a usual row, which costs a sender
-- less than steps here; but they prove nothing: a view of the sender's own can have others, and PostgreSQL asks for no right
-- on a column that a default fills. So what they gave is looked at, in one expression, as each is prepared again in each
-- transaction; and whatever is not as they give it is stamped here.
-- Runs as who queues, which is the one that is stamped, and pins no search_path, as each sender pays for each step here: so
-- its names are qualified, and it calls what was parsed when it was installed.
create or replace function net.accept_request()
returns trigger
language plpgsql
as $$
begin
  new.host := net.plain_host(
    new.method, new.url, new.headers, new.timeout_milliseconds, new.max_attempts, new.priority, new.lease_until, new.dedupe_key);
  if new.host is not null
    and new.queued_by operator(pg_catalog.=) net.caller()
    and new.created operator(pg_catalog.>) (pg_catalog.clock_timestamp() operator(pg_catalog.-) interval '100 ms')
    and new.created operator(pg_catalog.<=) new.rank
    and new.rank operator(pg_catalog.<=) pg_catalog.clock_timestamp()
    and new.attempt operator(pg_catalog.=) 0
    and new.failures operator(pg_catalog.=) 0
    and new.losses operator(pg_catalog.=) 0::smallint
    and new.idempotency_key is null
    and new.replica is null
    and new.error_msg is null
    and new.home_host is null
    and new.fire_and_forget is not null
    and new.keep_failed is not null
    and new.id operator(pg_catalog.=) pg_catalog.currval('net.http_request_queue_id_seq')
    and new.id operator(pg_catalog.<=) pg_catalog.pg_sequence_last_value('net.limit_id')
  then
    return new;
  end if;

  -- The one that the table gave.
  if new.id operator(pg_catalog.<>) pg_catalog.currval('net.http_request_queue_id_seq') then
    raise exception using errcode = 'generated_always', message = 'id is given by net.http_request_queue alone';
  end if;
  new.queued_by := net.caller();
  new.created := pg_catalog.clock_timestamp();
  new.idempotency_key := null;
  new.attempt := 0;
  new.failures := 0;
  new.losses := 0;
  new.replica := null;
  new.error_msg := null;
  new.home_host := null;
  new := net.check_request(new);
  if new.id operator(pg_catalog.>) pg_catalog.pg_sequence_last_value('net.limit_id') then
    perform net.check_limit();
  end if;
  return new;
end
$$;

-- API: public
-- The role that counts as the one who queues: the effective role where the call is made, as PostgreSQL sees it. That is the
-- role of "set role", and inside a definer function its owner. Who logged in decides nothing: autovacuum, and a superuser's
-- ANALYZE, run the index expressions of others.
create or replace function net.caller()
returns regrole
language sql
stable
parallel safe
return pg_catalog.to_regrole(pg_catalog.quote_ident(current_user::text));

-- API: private
-- Carries out an order of net.cancellation: takes back those requests that its giver may manage and that are not being sent.
-- Definer, as nobody else may write the queue: who gave the order is stamped before, see net.stamp_order.
-- In small parts, each of which sees what was claimed before it. A request that a claim takes between the look and the lock of
-- a part would stay locked until the caller's transaction ends, and its answer could not be written: the part is undone, its
-- locks go, and it is done again, some times. A row that another transaction has locked for longer is left to that.
-- Indexes: the primary key; reads the whole queue for an order that names no ids. Locks: the rows taken back, in id order;
-- locked ones are skipped.
create or replace function net.cancel_requests()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part_size constant integer := 500;
  tries constant integer := 12;
  pattern constant text := net.host_pattern(new.host);
  ids bigint[] := new.ids;
  part bigint[];
  seen bigint;
  taken bigint;
begin
  new.cancelled := 0;
  if ids is null then
    ids := array(
      select q.id
      from net.http_request_queue q
      where net.may_manage(new.ordered_by, q.queued_by)
        and (pattern is null or net.host_matches(q.host, pattern))
        and (new.since is null or q.created >= new.since)
        and (new.until is null or q.created < new.until)
        and (new.error is null or strpos(lower(q.error_msg), lower(new.error)) > 0)
      order by q.id
    );
  end if;

  for start in 1 .. cardinality(ids) by part_size loop
    part := ids[start : start + part_size - 1];
    for attempt in 1 .. tries loop
      begin
        with mine as materialized (
          select q.id
          from net.http_request_queue q
          where q.id = any (part)
            and net.is_free(q.lease_until, q.replica)
            and net.may_manage(new.ordered_by, q.queued_by)
        ),
        free as materialized (
          select q.id
          from net.http_request_queue q
          where q.id in (select m.id from mine m)
            and net.is_free(q.lease_until, q.replica)
          order by q.id
          for update skip locked
        ),
        cancelled as (
          delete from net.http_request_queue q
          using free f
          where q.id = f.id
          returning q.*
        ),
        answered as (
          insert into net._http_response (id, timed_out, error_msg, queued_by, cancelled, dedupe_key, fingerprint)
          select
            c.id,
            false,
            format('Cancelled by %s', new.ordered_by)
              || case when c.attempt > 0 then format(' after attempt %s, which may have reached the target', c.attempt) else '' end
              || coalesce('. ' || c.error_msg, ''),
            c.queued_by,
            true,
            c.dedupe_key,
            c.fingerprint
          from cancelled c
        )
        select
          (select count(*) from mine),
          (select count(*) from cancelled)
        into seen, taken;
        if taken < seen and attempt < tries then
          raise exception using errcode = 'PN001', message = 'claimed meanwhile';
        end if;
        new.cancelled := new.cancelled + taken;
        exit;
      exception
        when sqlstate 'PN001' then
          -- What was claimed is in flight for the next look.
          perform pg_sleep(0.002 * attempt);
      end;
    end loop;
  end loop;
  return new;
end
$$;

-- API: helper
-- The one name of a host, without a port: lower case, ASCII (IDN), no full stop at its end; an IPv4 address as four decimal
-- numbers, an IPv6 address in brackets as RFC 5952 writes it. Null where it is not a valid host. The same in Java
-- (http.HostNames), by the vectors of host-names.txt.
create or replace function net.canonical_host(host text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  name text := host;
begin
  if left(name, 1) = '[' then
    -- PostgreSQL reads an address with less than four numbers at its end, too.
    if name !~ '^[[][0-9A-Fa-f:]{2,39}([0-9]{1,3}([.][0-9]{1,3}){3})?[]]$' or strpos(name, ':') = 0 then
      return null;
    end if;
    begin
      return '[' || host(substr(name, 2, length(name) - 2)::inet) || ']';
    exception
      when invalid_text_representation then
        return null;
    end;
  end if;
  if length(name) > 255 then
    return null;
  end if;
  if name ~ '[^!-~]' then
    name := net.idn_to_ascii(name);
  end if;
  name := lower(name collate "C");
  if right(name, 1) = '.' then
    name := left(name, -1);
  end if;
  if name is null
    or length(name) > 253
    or name !~ '^[!$&''()*+,;=0-9a-z._~-]+$'
    or exists (
      select
      from string_to_table(name, '.') label
      where length(label) not between 1 and 63
    )
  then
    return null;
  end if;
  return net.ipv4_of(name);
end
$$;

-- API: helper
-- For a request whose id is beyond net.limit_id: what a bridge counted last and the ids given since are more than the limit of
-- the queue. Counts what is really there, this transaction's own and the one row that comes; raises when that is too much, and
-- else moves net.limit_id on, so that not every call counts: by half of the room, as what others have not committed is not
-- seen, and by a thousandth of the limit at least, so that a full queue that is being worked off is not counted for every row
-- that comes. So there may be so much more than the limit, and exactly the limit where it is below 1000.
-- Definer, as nobody else may read the queue or move the limit; it asks nothing of its caller, and does nothing for an id
-- within the limit. Index: the primary key.
create or replace function net.check_limit()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  max_queued bigint;
  counted bigint;
  counted_id bigint;
  last_id bigint;
begin
  select c.max_queued, c.counted, c.counted_id, s.last_value
  into max_queued, counted, counted_id, last_id
  from net.queue_limit c,
    net.http_request_queue_id_seq s;
  if last_id <= pg_sequence_last_value('net.limit_id') then
    return;
  end if;

  -- Exact where that is cheap; else some seconds old, for what has left meanwhile.
  if max_queued <= 1000000 then
    counted_id := 0;
    counted := 0;
  end if;
  select counted + 1 + count(*)
  into counted
  from (
    select
    from net.http_request_queue q
    where q.id > counted_id
    limit greatest(max_queued - counted + 1, 0)
  ) since;
  if counted > max_queued then
    raise exception using
      errcode = 'configuration_limit_exceeded',
      message = format('the queue is full: its limit of %s requests (--max-queued) is reached, by this call or before it', max_queued),
      hint = 'See what holds them up (pgnetty status), take back what is not needed any more (net.cancel_where), or give the bridges a higher --max-queued.';
  end if;
  -- An older snapshot may see nothing of what waits: that is room for nobody else.
  if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    perform setval('net.limit_id', last_id + greatest((max_queued - counted + 1) / 2, max_queued / 1000));
  end if;
end
$$;

-- API: helper
-- The Unicode code points of a text; null where a SQL_ASCII database holds bytes that are not UTF-8.
create or replace function net.code_points(value text)
returns integer[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes constant bytea := convert_to(value, case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end);
  points integer[] := '{}';
  byte integer;
begin
  if not net.is_utf8(bytes) then
    return null;
  end if;
  for i in 0 .. length(bytes) - 1 loop
    byte := get_byte(bytes, i);
    if byte between 128 and 191 then
      points[cardinality(points)] := points[cardinality(points)] << 6 | (byte & 63);
    else
      points := points
        || case when byte < 128 then byte when byte < 224 then byte & 31 when byte < 240 then byte & 15 else byte & 7 end;
    end if;
  end loop;
  return points;
end
$$;

-- API: helper
-- The 64-bit id of the transaction that a row's xmin (its low 32 bits) names, for rows not older than 2^31 transactions.
-- A row of our own transaction may lie beyond the snapshot's xmax, so count from the middle of the window.
create or replace function net.full_xid(xmin xid)
returns xid8
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ((middle - low) >> 32 << 32 | low)::text::xid8
  from (
    select
      pg_snapshot_xmax(pg_current_snapshot())::text::bigint + (1::bigint << 31) as middle,
      xmin::text::bigint as low
  ) x
$$;

-- API: private
-- Makes the rows of net.key_slot that a role needs before its first key. Another transaction may be making them just now: it
-- is waited for, for as long as is said. False where it has not ended by then.
create or replace function net.has_key_slots(role regrole, patience text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  lock_timeout constant text := current_setting('lock_timeout');
begin
  if exists (
    select
    from net.key_slot s
    where s.queued_by = role
  ) then
    return true;
  end if;
  perform set_config('lock_timeout', patience, true);
  insert into net.key_slot (queued_by, slot)
  select role, slot
  from generate_series(0, 255) slot
  on conflict do nothing;
  perform set_config('lock_timeout', lock_timeout, true);
  return true;
exception
  when lock_not_available or deadlock_detected then
    return false;
end
$$;

-- API: helper
-- What is wrong with the headers of a request, or null. Names are tokens (RFC 9110, section 5.6.2), values hold no
-- control character but tab; what frames a message or a connection is the bridge's to set.
create or replace function net.headers_problem(headers jsonb)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
  value jsonb;
  text_value text;
  names text[] := '{}';
begin
  if jsonb_typeof(headers) <> 'object' then
    return format('headers must be a JSON object of names and values, not %s', jsonb_typeof(headers));
  end if;

  if length(headers::text) > 65536 then
    return 'headers are longer than 65536 characters';
  end if;

  for name, value in select * from jsonb_each(headers) loop
    if name !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$' then
      return format('headers: %s is no valid header name', to_json(name));
    end if;
    if lower(name collate "C") = any (names) then
      return format('headers: "%s" is given twice, in different case: give the values as an array', lower(name collate "C"));
    end if;
    names := names || lower(name collate "C");
    if lower(name collate "C") in (
      'connection', 'content-length', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'
    ) then
      return format('headers: "%s" is set by pgnetty itself: leave it out', name);
    end if;

    if jsonb_typeof(value) = 'object'
      or value @? 'strict $[*] ? (@.type() == "object" || @.type() == "array")' and jsonb_typeof(value) = 'array'
    then
      return format(
        'headers: the value of "%s" must be a string, number or boolean, null, or an array of these', name);
    end if;
    if lower(name collate "C") = 'host'
      and value <> 'null'
      and (jsonb_typeof(value) <> 'string' or net.host_of('http://' || (value #>> '{}')) is null
        or value #>> '{}' !~ '^[^/?#@]+$')
    then
      return 'headers: the value of "host" must be one host, with :port if wanted';
    end if;
    for text_value in
      select v #>> '{}'
      from jsonb_array_elements(case jsonb_typeof(value) when 'array' then value else jsonb_build_array(value) end) v
    loop
      -- Not [[:cntrl:]]: in some encodings PostgreSQL counts letters among them.
      if translate(text_value, chr(9), '') ~ ('[' || chr(1) || '-' || chr(31) || chr(127) || ']') then
        return format('headers: the value of "%s" has a control character (a line break, say)', name);
      end if;
    end loop;
  end loop;
  return null;
end
$$;

-- API: helper
-- Whether a host, as host_of gives it, is one that a pattern names: *, a host, or *.example.com for what is below it, each
-- with :port if wanted. Without a port any will do; 80 and 443 are also those of a host without one.
create or replace function net.host_matches(host text, pattern text)
returns boolean
language sql
immutable
parallel safe
return (
  select
    (
      p.port is null
      or p.port = h.port
      or h.port is null and p.port in ('80', '443')
    )
    and case
      when p.name = '*' then true
      when left(p.name, 2) = '*.' then right(h.name, length(p.name) - 1) = substr(p.name, 2)
      else h.name = p.name
    end
  from (
    select rtrim(regexp_replace(host, ':[0-9]+$', ''), '.') as name, substring(host, ':([0-9]+)$') as port
  ) h,
  (
    select regexp_replace(pattern, ':[0-9]+$', '') as name, substring(pattern, ':([0-9]+)$') as port
  ) p
);

-- API: helper
-- The host of a URL as it is counted, shown and ruled: its one name (net.canonical_host), with its port unless that is the
-- scheme's own. Null where the URL has no valid host.
create or replace function net.host_of(url text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  authority constant text := substring(url from '^[^:]*://([^/?#]*)');
  port constant text := ltrim(substring(authority from ':([0-9]*)$'), '0');
  host constant text := net.canonical_host(regexp_replace(authority, ':[0-9]*$', ''));
begin
  return host
    || case
      when coalesce(port, '') = '' or port = case when url ~* '^https' then '443' else '80' end then ''
      else ':' || port
    end;
end
$$;

-- API: helper
-- A pattern of hosts as it is compared with a host; raises when it is not one. Null is null.
create or replace function net.host_pattern(pattern text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  bare constant text := regexp_replace(pattern, ':[0-9]*$', '');
  port constant text := ltrim(substring(pattern, ':([0-9]*)$'), '0');
  name constant text := case
    when bare = '*' then '*'
    when left(bare, 2) = '*.' then '*.' || net.canonical_host(substr(bare, 3))
    else net.canonical_host(bare)
  end;
begin
  if pattern is not null and (name is null or pattern ~ ':0*$' or length(port) > 5 or port::integer > 65535) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('%s is not a valid host pattern', to_json(left(pattern, 300))),
      hint = 'Write a host, *.example.com, or * for all hosts, each with :port if wanted.';
  end if;
  return name || coalesce(':' || port, '');
end
$$;

-- API: helper
-- A host name with letters beyond ASCII, in its one ASCII form (RFC 3490, section 4.1); null where it has none. A database
-- that is not UTF8 refuses letters that only a normal form decides, such as those that are combined of several.
create or replace function net.idn_to_ascii(name text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  utf8 constant boolean := getdatabaseencoding() = 'UTF8';
  tables constant record := net.idna();
  points integer[];
  labels text[] := '{}';
  label integer[] := '{}';
begin
  points := net.code_points(name);
  -- Letters that are younger than the tables have no form there, also where a normal form of today makes them one that has.
  if points is null or tables.invalid @> any (points) then
    return null;
  end if;
  if utf8 then
    points := net.code_points(normalize(name, NFKC));
  end if;
  if not utf8 then
    -- Full-width letters are the one kind of these that people type.
    points := array(
      select case when p.point between 65281 and 65374 then p.point - 65248 else p.point end
      from unnest(points) with ordinality p (point, place)
      order by p.place
    );
    -- 768 to 879 are accents that stand for themselves.
    if tables.composed @> any (points) or '[768,880)'::int4range @> any (points) then
      return null;
    end if;
  end if;

  points := array(
    select m.point
    from unnest(points) with ordinality p (point, place)
    cross join lateral net.idna_fold(p.point, tables.folds, tables.expansions) with ordinality m (point, part)
    order by p.place, m.part
  );
  if utf8 then
    points := net.code_points(
      normalize((select coalesce(string_agg(chr(p.point), '' order by p.place), '') from unnest(points) with ordinality p (point, place)), NFKC));
  end if;
  if tables.invalid @> any (points) then
    return null;
  end if;

  for i in 1 .. cardinality(points) + 1 loop
    -- Its ASCII form is no shorter.
    if cardinality(label) > 63 then
      return null;
    end if;
    -- The full stops of other scripts are those of a name, too.
    if i > cardinality(points) or points[i] in (46, 12290, 65294, 65377) then
      labels := labels || case
        when 128 > all (label) then (select coalesce(string_agg(chr(p.point), '' order by p.place), '') from unnest(label) with ordinality p (point, place))
        else 'xn--' || net.punycode(label)
      end;
      label := '{}';
    else
      label := label || points[i];
    end if;
  end loop;
  return array_to_string(labels, '.');
end
$$;

-- API: helper
-- The mapping of internationalized host names (RFC 3490, as the JDK and Reactor Netty have it: Unicode 3.2), by code points.
-- `folds`: from-to/step:difference. `expansions`: one to several, or to none. `invalid`: in no name. `composed`: changed by
-- Unicode's normal form KC, which only a UTF8 database can compute. SharedNamesTest holds all of them against the JDK.
create or replace function net.idna(
  out folds text,
  out expansions text,
  out invalid int4multirange,
  out composed int4multirange
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select
    '192-214/1:32 216-222/1:32 256-302/2:1 308-310/2:1 313-317/2:1 321-327/2:1 330-374/2:1 376-376/1:-121 377-381/2:1
    385-385/1:210 386-388/2:1 390-390/1:206 391-391/1:1 393-394/1:205 395-395/1:1 398-398/1:79 399-399/1:202
    400-400/1:203 401-401/1:1 403-403/1:205 404-404/1:207 406-406/1:211 407-407/1:209 408-408/1:1 412-412/1:211
    413-413/1:213 415-415/1:214 416-420/2:1 422-422/1:218 423-423/1:1 425-425/1:218 428-428/1:1 430-430/1:218
    431-431/1:1 433-434/1:217 435-437/2:1 439-439/1:219 440-440/1:1 444-444/1:1 461-475/2:1 478-494/2:1 500-500/1:1
    502-502/1:-97 503-503/1:-56 504-542/2:1 544-544/1:-130 546-562/2:1 837-837/1:116 902-902/1:38 904-906/1:37
    908-908/1:64 910-911/1:63 913-929/1:32 931-939/1:32 962-962/1:1 984-1006/2:1 1024-1039/1:80 1040-1071/1:32
    1120-1152/2:1 1162-1214/2:1 1217-1229/2:1 1232-1268/2:1 1272-1272/1:1 1280-1294/2:1 1329-1366/1:48 7680-7828/2:1
    7840-7928/2:1 7944-7951/1:-8 7960-7965/1:-8 7976-7983/1:-8 7992-7999/1:-8 8008-8013/1:-8 8025-8031/2:-8
    8040-8047/1:-8 8120-8121/1:-8 8122-8122/1:-74 8136-8138/2:-86 8152-8153/1:-8 8154-8154/1:-100 8168-8169/1:-8
    8170-8170/1:-112 8172-8172/1:-7 8184-8184/1:-128 8186-8186/1:-126 12290-12290/1:-12244 66560-66597/1:40',
    '223:115+115 304:105+775 8064:7936+953 8065:7937+953 8066:7938+953 8067:7939+953 8068:7940+953 8069:7941+953
    8070:7942+953 8071:7943+953 8072:7936+953 8073:7937+953 8074:7938+953 8075:7939+953 8076:7940+953 8077:7941+953
    8078:7942+953 8079:7943+953 8080:7968+953 8081:7969+953 8082:7970+953 8083:7971+953 8084:7972+953 8085:7973+953
    8086:7974+953 8087:7975+953 8088:7968+953 8089:7969+953 8090:7970+953 8091:7971+953 8092:7972+953 8093:7973+953
    8094:7974+953 8095:7975+953 8096:8032+953 8097:8033+953 8098:8034+953 8099:8035+953 8100:8036+953 8101:8037+953
    8102:8038+953 8103:8039+953 8104:8032+953 8105:8033+953 8106:8034+953 8107:8035+953 8108:8036+953 8109:8037+953
    8110:8038+953 8111:8039+953 8114:8048+953 8115:945+953 8116:940+953 8119:8118+953 8124:945+953 8130:8052+953
    8131:951+953 8132:942+953 8135:8134+953 8140:951+953 8178:8060+953 8179:969+953 8180:974+953 8183:8182+953
    8188:969+953 173: 847: 6150: 6155: 6156: 6157: 8203: 8204: 8205: 8288: 65024: 65025: 65026: 65027: 65028: 65029:
    65030: 65031: 65032: 65033: 65034: 65035: 65036: 65037: 65038: 65039: 65279:',
    '{[128,160), [545,546), [564,592), [686,688), [751,768), [848,864), [880,884), [886,890), [891,894), [895,900),
    [907,908), [909,910), [930,931), [975,976), [1015,1024), [1159,1160), [1231,1232), [1270,1272), [1274,1280),
    [1296,1329), [1367,1369), [1376,1377), [1416,1417), [1419,1425), [1442,1443), [1466,1467), [1477,1488),
    [1515,1520), [1525,1548), [1549,1563), [1564,1567), [1568,1569), [1595,1600), [1622,1632), [1757,1758),
    [1774,1776), [1791,1792), [1806,1808), [1837,1840), [1867,1920), [1970,2305), [2308,2309), [2362,2364),
    [2382,2384), [2389,2392), [2417,2433), [2436,2437), [2445,2447), [2449,2451), [2473,2474), [2481,2482),
    [2483,2486), [2490,2492), [2493,2494), [2501,2503), [2505,2507), [2510,2519), [2520,2524), [2526,2527),
    [2532,2534), [2555,2562), [2563,2565), [2571,2575), [2577,2579), [2601,2602), [2609,2610), [2612,2613),
    [2615,2616), [2618,2620), [2621,2622), [2627,2631), [2633,2635), [2638,2649), [2653,2654), [2655,2662),
    [2677,2689), [2692,2693), [2700,2701), [2702,2703), [2706,2707), [2729,2730), [2737,2738), [2740,2741),
    [2746,2748), [2758,2759), [2762,2763), [2766,2768), [2769,2784), [2785,2790), [2800,2817), [2820,2821),
    [2829,2831), [2833,2835), [2857,2858), [2865,2866), [2868,2870), [2874,2876), [2884,2887), [2889,2891),
    [2894,2902), [2904,2908), [2910,2911), [2914,2918), [2929,2946), [2948,2949), [2955,2958), [2961,2962),
    [2966,2969), [2971,2972), [2973,2974), [2976,2979), [2981,2984), [2987,2990), [2998,2999), [3002,3006),
    [3011,3014), [3017,3018), [3022,3031), [3032,3047), [3059,3073), [3076,3077), [3085,3086), [3089,3090),
    [3113,3114), [3124,3125), [3130,3134), [3141,3142), [3145,3146), [3150,3157), [3159,3168), [3170,3174),
    [3184,3202), [3204,3205), [3213,3214), [3217,3218), [3241,3242), [3252,3253), [3258,3262), [3269,3270),
    [3273,3274), [3278,3285), [3287,3294), [3295,3296), [3298,3302), [3312,3330), [3332,3333), [3341,3342),
    [3345,3346), [3369,3370), [3386,3390), [3396,3398), [3401,3402), [3406,3415), [3416,3424), [3426,3430),
    [3440,3458), [3460,3461), [3479,3482), [3506,3507), [3516,3517), [3518,3520), [3527,3530), [3531,3535),
    [3541,3542), [3543,3544), [3552,3570), [3573,3585), [3643,3647), [3676,3713), [3715,3716), [3717,3719),
    [3721,3722), [3723,3725), [3726,3732), [3736,3737), [3744,3745), [3748,3749), [3750,3751), [3752,3754),
    [3756,3757), [3770,3771), [3774,3776), [3781,3782), [3783,3784), [3790,3792), [3802,3804), [3806,3840),
    [3912,3913), [3947,3953), [3980,3984), [3992,3993), [4029,4030), [4045,4047), [4048,4096), [4130,4131),
    [4136,4137), [4139,4140), [4147,4150), [4154,4160), [4186,4256), [4294,4304), [4345,4347), [4348,4352),
    [4442,4447), [4515,4520), [4602,4608), [4615,4616), [4679,4680), [4681,4682), [4686,4688), [4695,4696),
    [4697,4698), [4702,4704), [4743,4744), [4745,4746), [4750,4752), [4783,4784), [4785,4786), [4790,4792),
    [4799,4800), [4801,4802), [4806,4808), [4815,4816), [4823,4824), [4847,4848), [4879,4880), [4881,4882),
    [4886,4888), [4895,4896), [4935,4936), [4955,4961), [4989,5024), [5109,5121), [5751,5761), [5789,5792),
    [5873,5888), [5901,5902), [5909,5920), [5943,5952), [5972,5984), [5997,5998), [6001,6002), [6004,6016),
    [6109,6112), [6122,6144), [6158,6160), [6170,6176), [6264,6272), [6314,7680), [7836,7840), [7930,7936),
    [7958,7960), [7966,7968), [8006,8008), [8014,8016), [8024,8025), [8026,8027), [8028,8029), [8030,8031),
    [8062,8064), [8117,8118), [8133,8134), [8148,8150), [8156,8157), [8176,8178), [8181,8182), [8191,8192),
    [8206,8208), [8232,8239), [8275,8279), [8280,8287), [8289,8304), [8306,8308), [8335,8352), [8370,8400),
    [8427,8448), [8507,8509), [8524,8531), [8580,8592), [9167,9216), [9255,9280), [9291,9312), [9471,9472),
    [9748,9750), [9752,9753), [9854,9856), [9866,9985), [9989,9990), [9994,9996), [10024,10025), [10060,10061),
    [10062,10063), [10067,10070), [10071,10072), [10079,10081), [10133,10136), [10160,10161), [10175,10192),
    [10220,10224), [11008,11904), [11930,11931), [12020,12032), [12246,12288), [12352,12353), [12439,12441),
    [12544,12549), [12589,12593), [12687,12688), [12728,12784), [12829,12832), [12868,12881), [12924,12927),
    [13004,13008), [13055,13056), [13175,13179), [13278,13280), [13311,13312), [19894,19968), [40870,40960),
    [42125,42128), [42183,44032), [55204,63744), [64046,64048), [64107,64256), [64263,64275), [64280,64286),
    [64287,64288), [64298,64335), [64434,64467), [64603,64606), [64656,64657), [64729,64730), [64754,64757),
    [64828,64830), [64832,64848), [64912,64914), [64968,65008), [65021,65024), [65040,65056), [65060,65072),
    [65095,65097), [65107,65108), [65127,65128), [65132,65136), [65137,65138), [65141,65142), [65143,65144),
    [65145,65146), [65147,65148), [65149,65150), [65151,65152), [65277,65279), [65280,65281), [65471,65474),
    [65480,65482), [65488,65490), [65496,65498), [65501,65504), [65511,65512), [65519,66304), [66335,66336),
    [66340,66352), [66379,66560), [66598,66600), [66638,118784), [119030,119040), [119079,119082), [119155,119163),
    [119262,119808), [119893,119894), [119965,119966), [119968,119970), [119971,119973), [119975,119977),
    [119981,119982), [119994,119995), [119996,119997), [120001,120002), [120004,120005), [120070,120071),
    [120075,120077), [120085,120086), [120093,120094), [120122,120123), [120127,120128), [120133,120134),
    [120135,120138), [120145,120146), [120484,120488), [120778,120782), [120832,131072), [173783,194560),
    [195102,1114112)}'::int4multirange,
    '{[160,161), [168,169), [170,171), [175,176), [178,182), [184,187), [188,191), [306,308), [319,321), [329,330),
    [383,384), [452,461), [497,500), [688,697), [728,734), [736,741), [832,834), [835,837), [884,885), [890,891),
    [894,895), [900,902), [903,904), [976,983), [1008,1011), [1012,1014), [1415,1416), [1653,1657), [2392,2400),
    [2524,2526), [2527,2528), [2611,2612), [2614,2615), [2649,2652), [2654,2655), [2908,2910), [3635,3636),
    [3763,3764), [3804,3806), [3852,3853), [3907,3908), [3917,3918), [3922,3923), [3927,3928), [3932,3933),
    [3945,3946), [3955,3956), [3957,3962), [3969,3970), [3987,3988), [3997,3998), [4002,4003), [4007,4008),
    [4012,4013), [4025,4026), [7834,7836), [8049,8050), [8051,8052), [8053,8054), [8055,8056), [8057,8058),
    [8059,8060), [8061,8062), [8123,8124), [8125,8130), [8137,8138), [8139,8140), [8141,8144), [8147,8148),
    [8155,8156), [8157,8160), [8163,8164), [8171,8172), [8173,8176), [8185,8186), [8187,8188), [8189,8191),
    [8192,8203), [8209,8210), [8215,8216), [8228,8231), [8239,8240), [8243,8245), [8246,8248), [8252,8253),
    [8254,8255), [8263,8266), [8279,8280), [8287,8288), [8304,8306), [8308,8335), [8360,8361), [8448,8452),
    [8453,8456), [8457,8468), [8469,8471), [8473,8478), [8480,8483), [8484,8485), [8486,8487), [8488,8489),
    [8490,8494), [8495,8498), [8499,8506), [8509,8513), [8517,8522), [8531,8576), [8748,8750), [8751,8753),
    [9001,9003), [9312,9451), [10764,10765), [10868,10871), [10972,10973), [11935,11936), [12019,12020),
    [12032,12246), [12288,12289), [12342,12343), [12344,12347), [12443,12445), [12447,12448), [12543,12544),
    [12593,12687), [12690,12704), [12800,12829), [12832,12868), [12881,12924), [12928,13004), [13008,13055),
    [13056,13175), [13179,13278), [13280,13311), [63744,64014), [64016,64017), [64018,64019), [64021,64031),
    [64032,64033), [64034,64035), [64037,64039), [64042,64046), [64048,64107), [64256,64263), [64275,64280),
    [64288,64298), [64335,64434), [64467,64603), [64606,64656), [64657,64729), [64730,64754), [64757,64828),
    [64848,64912), [64914,64968), [65008,65021), [65072,65093), [65097,65107), [65108,65127), [65128,65132),
    [65136,65137), [65138,65139), [65140,65141), [65142,65143), [65144,65145), [65146,65147), [65148,65149),
    [65150,65151), [65152,65277), [65281,65471), [65474,65480), [65482,65488), [65490,65496), [65498,65501),
    [65504,65511), [65512,65519), [119134,119141), [119227,119233), [119808,119893), [119894,119965),
    [119966,119968), [119970,119971), [119973,119975), [119977,119981), [119982,119994), [119995,119996),
    [119997,120001), [120002,120004), [120005,120070), [120071,120075), [120077,120085), [120086,120093),
    [120094,120122), [120123,120127), [120128,120133), [120134,120135), [120138,120145), [120146,120484),
    [120488,120778), [120782,120832), [194560,195102)}'::int4multirange
$$;

-- API: helper
-- What a code point is folded to, see net.idna: itself, another, several, or none.
create or replace function net.idna_fold(point integer, folds text, expansions text)
returns setof integer
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  found_range text;
begin
  if point < 128 then
    return next case when point between 65 and 90 then point + 32 else point end;
    return;
  end if;
  select r.range
  into found_range
  from regexp_split_to_table(folds, '[[:space:]]+') r (range)
  where point between split_part(r.range, '-', 1)::integer and split_part(split_part(r.range, '-', 2), '/', 1)::integer
    and (point - split_part(r.range, '-', 1)::integer) % split_part(split_part(r.range, '/', 2), ':', 1)::integer = 0;
  if found then
    return next point + split_part(found_range, ':', 2)::integer;
    return;
  end if;
  found_range := substring(expansions from '(?:^|[[:space:]])' || point || ':([0-9+]*)');
  if found_range is not null then
    return query
    select e.digits::integer
    from string_to_table(nullif(found_range, ''), '+') e (digits);
    return;
  end if;
  return next point;
end
$$;

-- API: helper
-- The address that a host name is which ends in a number, as the resolvers and browsers read it (WHATWG URL, "IPv4 parser"):
-- one to four numbers, decimal, octal (0...) or hexadecimal (0x...), of which the last fills up. The host itself where it does
-- not end in a number; null where it does and is no address.
create or replace function net.ipv4_of(host text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  parts constant text[] := string_to_array(host, '.');
  count constant integer := cardinality(parts);
  part text;
  number bigint;
  address bigint := 0;
begin
  if parts[count] !~ '^([0-9]+|0x[0-9a-f]*)$' then
    return host;
  end if;
  if count > 4 then
    return null;
  end if;
  for i in 1 .. count loop
    part := parts[i];
    if part ~ '^0x[0-9a-f]{0,12}$' then
      number := ('x' || lpad(substr(part, 3), 16, '0'))::bit(64)::bigint;
    elsif part ~ '^0[0-7]{0,15}$' then
      number := 0;
      for d in 1 .. length(part) loop
        number := number * 8 + substr(part, d, 1)::integer;
      end loop;
    elsif part ~ '^[1-9][0-9]{0,11}$' then
      number := part::bigint;
    else
      return null;
    end if;
    if number >= (case when i < count then 256 else 1::bigint << 8 * (5 - count) end) then
      return null;
    end if;
    address := case when i < count then (address << 8) | number else (address << 8 * (5 - count)) | number end;
  end loop;
  return format('%s.%s.%s.%s', address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
end
$$;

-- API: helper
-- Whether a header's name speaks of credentials. The list is that of http.CredentialNames, by the vectors of
-- credential-names.txt.
create or replace function net.is_credential(name text)
returns boolean
language sql
immutable
parallel safe
return pg_catalog.lower(name collate "C") operator(pg_catalog.~) 'auth|cookie|key|token|secret|passw|pwd|credential|signature|session|jwt|bearer'
  and pg_catalog.lower(name collate "C") <> 'idempotency-key';

-- API: private
-- Whether no bridge holds a request: it is due, or waits for its time, or is parked, or the lease of its bridge is over.
create or replace function net.is_free(lease_until timestamptz, replica uuid)
returns boolean
language sql
volatile
return lease_until is null
  or replica is null
  or lease_until = 'infinity'
  or lease_until <= pg_catalog.clock_timestamp();

-- API: helper
-- Whether the caller is the owner of pgnetty's tables, or a member of that role.
create or replace function net.is_owner()
returns boolean
language sql
stable
parallel safe
return pg_catalog.pg_has_role(
  (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'net'),
  'member'
);

-- API: helper
-- Whether bytes are UTF-8. Only a SQL_ASCII database has to ask: any other knows its text.
create or replace function net.is_utf8(bytes bytea)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if getdatabaseencoding() = 'SQL_ASCII' then
    perform convert_from(bytes, 'UTF8');
  end if;
  return true;
exception
  when character_not_in_repertoire or untranslatable_character then
    return false;
end
$$;

-- API: helper
-- What the indexes of idempotency keys hold. A hash, so that its order tells nothing of the key; and a function that is not
-- leakproof, so that no condition of a user's on it reaches an index before row-level security.
create or replace function net.key_hash(queued_by regrole, dedupe_key text)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return hashtextextended(dedupe_key, queued_by::oid::bigint);
end
$$;

-- API: private
-- Carries out an order of net.key_lookup: what holds for the key of a request that is about to be queued. `same_id`: the
-- request that has it already; null where this one may go into the queue; `unsure` where another transaction may be queueing
-- the same key, so that a bridge looks once more, when it can see both (net.admit_keyed).
-- Waits for that other transaction, 3 s at most and once a transaction. What it waits for is a row of net.key_slot, which only
-- an order of the same role can lock: an advisory lock could be held by anybody. It tries, and does not queue for the lock: two
-- that name the same keys in opposite order would be a deadlock.
-- Definer, as nobody may read keys but by row-level security, which comes before any index; who gave the order is stamped by
-- net.stamp_order.
-- Indexes: key_slot_pkey, http_request_queue_key_idx, dead_letter_key_idx, _http_response_key_idx. Locks: the slot's row.
create or replace function net.look_up_key()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  key_slot constant integer := net.slot_of(new.key);
  give_up constant timestamptz := clock_timestamp() + interval '3 seconds';
  pause double precision := 0.001;
  found_fingerprint bytea;
begin
  if length(new.key) not between 1 and 512 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('idempotency_key must have 1 to 512 characters, not %s', length(new.key));
  end if;

  -- At repeatable read and serializable what others commit is not seen, however long we wait.
  new.unsure := current_setting('transaction_isolation') not in ('read committed', 'read uncommitted')
    or not net.has_key_slots(new.ordered_by, '3s');
  while not new.unsure loop
    perform
    from net.key_slot s
    where s.queued_by = new.ordered_by
      and s.slot = key_slot
    for update skip locked;
    exit when found;
    if clock_timestamp() > give_up or current_setting('pgnetty.waited', true) = pg_current_xact_id()::text then
      new.unsure := true;
      perform set_config('pgnetty.waited', pg_current_xact_id()::text, true);
    else
      perform pg_sleep(pause);
      pause := least(pause * 2, 0.05);
    end if;
  end loop;

  select named.id, named.fingerprint
  into new.same_id, found_fingerprint
  from (
    (
      select 1 as place, q.id, q.fingerprint
      from net.http_request_queue q
      where net.key_hash(q.queued_by, q.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and q.queued_by = new.ordered_by
        and q.dedupe_key = new.key
      order by q.id
      limit 1
    )
    union all
    (
      select 2, coalesce(r.same_as, r.id), r.fingerprint
      from net._http_response r
      where net.key_hash(r.queued_by, r.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and r.queued_by = new.ordered_by
        and r.dedupe_key = new.key
      order by r.id desc
      limit 1
    )
    union all
    (
      select 3, d.id, d.fingerprint
      from net.dead_letter d
      where net.key_hash(d.queued_by, d.dedupe_key) = net.key_hash(new.ordered_by, new.key)
        and d.queued_by = new.ordered_by
        and d.dedupe_key = new.key
      order by d.id desc
      limit 1
    )
  ) named
  order by named.place
  limit 1;

  if found_fingerprint <> new.fingerprint then
    raise exception using
      errcode = 'unique_violation',
      message = format('idempotency_key %s belongs to request %s, which has another method, URL or body', to_json(new.key), new.same_id),
      hint = 'Give another request another key.';
  end if;
  return new;
end
$$;

-- API: helper
-- Headers as they are shown: the values of credential-like names are replaced. The same names do not cross an origin on a
-- redirect (http.CredentialNames).
create or replace function net.mask_headers(headers jsonb)
returns jsonb
language sql
immutable
parallel safe
begin atomic
  select coalesce(
    pg_catalog.jsonb_object_agg(h.key, case when net.is_credential(h.key) then '"***"'::jsonb else h.value end),
    '{}'::jsonb
  )
  from pg_catalog.jsonb_each(headers) h;
end;

-- API: private
-- Whether a role may take back and send again what another has queued: that role itself, its members, and the owner of
-- pgnetty's tables with its members.
create or replace function net.may_manage(manager regrole, queued_by regrole)
returns boolean
language sql
stable
return pg_catalog.pg_has_role(manager, queued_by, 'member')
  or pg_catalog.pg_has_role(
    manager,
    (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'net'),
    'member'
  );

-- API: private
-- The patterns that name a host (net.host_matches), the narrowest first: itself, *.example.com for what is above it, and *, each
-- with its port first. A name of more than 16 labels, or longer than any name there is, is found by fewer.
create or replace function net.patterns_of(host text)
returns text[]
language sql
immutable
parallel safe
return (
  select pg_catalog.array_agg(n.name || p.port order by n.place, p.place)
  from (
    select
      pg_catalog.rtrim(pg_catalog.regexp_replace(host, ':[0-9]+$', ''), '.') as name,
      pg_catalog.substring(host, ':[0-9]+$') as port
  ) h
  cross join lateral (
    select h.name, 0 as place
    union all
    select '*.' || pg_catalog.array_to_string(l.labels[i:], '.'), i
    from (
      select pg_catalog.string_to_array(h.name, '.') as labels
    ) l,
      pg_catalog.generate_series(2, pg_catalog.cardinality(l.labels)) i
    where pg_catalog.length(h.name) <= 255
      and i > pg_catalog.cardinality(l.labels) - 16
    union all
    select '*', 1000
  ) n
  cross join lateral pg_catalog.unnest(
    case when h.port is null then array[':80', ':443', ''] else array[h.port, ''] end
  ) with ordinality p (port, place)
);

-- API: helper
-- The host of a request as net.host_of gives it, where a look is enough, as with most requests: a lower-case name or an IPv4
-- address in its usual form, at most a port that is not the scheme's own, and nothing that net.check_request would refuse or
-- stamp. Else null.
create or replace function net.plain_host(
  method text,
  url text,
  headers jsonb,
  timeout_milliseconds integer,
  max_attempts integer,
  priority integer,
  not_before timestamptz,
  dedupe_key text
)
returns text
language sql
immutable
parallel safe
return case
  -- No group that captures, and nothing that looks ahead: such expressions take ten times as long. One expression, as each
  -- step is prepared in each transaction. The ports are 1 to 59999, but for 80 and 443.
  when url operator(pg_catalog.~) '^https?://(?:(?:[a-z0-9_-]+[.])*[a-z][a-z0-9-]*|(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(?::(?:[1-9]|[1-79][0-9]|8[1-9]|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]|[1-9][0-9]{3}|[1-5][0-9]{4}))?(?:$|/[!-~]*$)'
    and method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')
    and headers in ('{}', '{"Content-Type": "application/json"}')
    and timeout_milliseconds between 1 and 3600000
    and max_attempts = 1
    and priority = 0
    and not_before is null
    and dedupe_key is null
    and pg_catalog.length(url) <= 65536
    and pg_catalog.length(pg_catalog.split_part(url, '/', 3)) <= 63
  then pg_catalog.split_part(url, '/', 3)
end;

-- API: helper
-- Code points as Punycode (RFC 3492, section 6.3).
create or replace function net.punycode(points integer[])
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
  encoded text;
  basic constant integer := (select count(*) from unnest(points) p where p < 128);
  done integer;
  n integer := 128;
  delta integer := 0;
  bias integer := 72;
  next integer;
  point integer;
  q integer;
  k integer;
  t integer;
begin
  select coalesce(string_agg(chr(p.point), '' order by p.place), '')
  into encoded
  from unnest(points) with ordinality p (point, place)
  where p.point < 128;
  done := basic;
  if basic > 0 then
    encoded := encoded || '-';
  end if;
  while done < cardinality(points) loop
    next := (select min(p) from unnest(points) p where p >= n);
    delta := delta + (next - n) * (done + 1);
    n := next;
    foreach point in array points loop
      if point < n then
        delta := delta + 1;
      elsif point = n then
        q := delta;
        k := 36;
        loop
          t := least(greatest(k - bias, 1), 26);
          exit when q < t;
          encoded := encoded || substr(digits, t + (q - t) % (36 - t) + 1, 1);
          q := (q - t) / (36 - t);
          k := k + 36;
        end loop;
        encoded := encoded || substr(digits, q + 1, 1);
        -- The bias for the next one.
        delta := case when done = basic then delta / 700 else delta / 2 end;
        delta := delta + delta / (done + 1);
        k := 0;
        while delta > 455 loop
          delta := delta / 35;
          k := k + 36;
        end loop;
        bias := k + 36 * delta / (delta + 38);
        delta := 0;
        done := done + 1;
      end if;
    end loop;
    delta := delta + 1;
    n := n + 1;
  end loop;
  return encoded;
end
$$;

-- API: helper
-- The status of a row that is still in the queue.
create or replace function net.queue_status(
  lease_until timestamptz,
  replica uuid default null,
  failures integer default 0,
  paused boolean default false
)
returns text
language sql
volatile
return case
  when lease_until = 'infinity' then 'failed'
  when replica is not null and lease_until > pg_catalog.clock_timestamp() then 'in_flight'
  when paused then 'blocked'
  when failures > 0 then 'retrying'
  when lease_until > pg_catalog.clock_timestamp() then 'scheduled'
  else 'queued'
end;

-- API: private
-- Carries out an order of net.redelivery: queues again those dead letters that its giver may manage; gives the new ids, in the
-- order of the old ones. Who queued them stays who sees them. Definer, as nobody else may write the queue: who gave the order
-- is stamped before, see net.stamp_order.
-- Index: the primary keys; reads all dead letters for an order that names no ids. Locks: the rows, in id order; one that is
-- being taken just now is left out.
create or replace function net.redeliver_letters()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(new.host);
  owners regrole[];
  keys uuid[];
  dedupe_keys text[];
begin
  with letters as materialized (
    select d.*, coalesce(s.headers, d.headers) as sent_headers
    from net.dead_letter d
    left join net.dead_letter_secret s on s.id = d.id
    where (new.ids is null or d.id = any (new.ids))
      and net.may_manage(new.ordered_by, d.queued_by)
      and (pattern is null or net.host_matches(d.host, pattern))
      and (new.since is null or d.died >= new.since)
      and (new.until is null or d.died < new.until)
      and (new.error is null or strpos(lower(d.error_msg), lower(new.error)) > 0)
    order by d.id
    for update of d skip locked
  ),
  taken as (
    delete from net.dead_letter d
    using letters l
    where d.id = l.id
    returning d.id
  ),
  told as (
    delete from net.dead_letter_secret s
    using letters l
    where s.id = l.id
  ),
  -- The history stays with the response, where there is one.
  forgotten as (
    delete from net.attempts a
    using taken t
    where a.id = t.id
      and not exists (
        select
        from net._http_response r
        where r.id = t.id
      )
  ),
  queued as (
    insert into net.http_request_queue (
      method, url, headers, body, timeout_milliseconds, max_attempts, priority, fingerprint, fire_and_forget, keep_failed
    )
    select
      l.method, l.url, l.sent_headers, l.body, l.timeout_milliseconds, l.max_attempts, l.priority, l.fingerprint,
      l.fire_and_forget, l.keep_failed
    from letters l
    order by l.id
    returning id
  )
  select
    coalesce((select array_agg(q.id order by q.id) from queued q), '{}'),
    array(select l.queued_by from letters l order by l.id),
    array(select l.idempotency_key from letters l order by l.id),
    array(select l.dedupe_key from letters l order by l.id)
  into new.new_ids, owners, keys, dedupe_keys;
  -- The gate has stamped them as this function's owner's.
  update net.http_request_queue q
  set queued_by = n.queued_by,
    idempotency_key = n.idempotency_key,
    dedupe_key = n.dedupe_key
  from unnest(new.new_ids, owners, keys, dedupe_keys) n (id, queued_by, idempotency_key, dedupe_key)
  where q.id = n.id;
  return new;
end
$$;

-- API: helper
-- The Idempotency-Key of a request that has none of its own yet: the same for each of its attempts, another for each request,
-- and not to be guessed from outside. Made from the row where it is needed, and so at no cost to who queues, whom a random
-- one would cost more than all other stamps together. The time is part of it as a copy of the database goes on with the same
-- secret and the same ids. The form is that of UUIDv4 (RFC 9562, section 5.4), pseudo-random. One expression, so that it is a
-- part of the statement that needs it.
create or replace function net.request_key(secret uuid, id bigint, created timestamptz)
returns uuid
language sql
immutable
parallel safe
return pg_catalog.overlay(
  pg_catalog.overlay(
    pg_catalog.left(
      pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.uuid_send(secret) || pg_catalog.int8send(id) || pg_catalog.timestamptz_send(created)),
        'hex'
      ),
      32
    ),
    '4', 13, 1
  ),
  'a', 17, 1
)::uuid;

-- API: private
-- Wakes the bridges when this transaction commits: the end of a statement that queued while a bridge sleeps. The payload is
-- constant, so that a transaction notifies once.
-- The quiet bell: a commit that notifies waits for every other that does. So nobody notifies who gets the bell's lock, shared
-- and for this transaction: a bridge is awake then, looks at the queue by itself, and does not fall asleep before it has this
-- lock exclusively, which is after this transaction has ended. With "set net.quiet = on" nobody notifies either, for the sake
-- of PREPARE TRANSACTION, which refuses who has; a bridge that sleeps then finds the request with its slow poll.
-- Runs as who queues and pins no search_path, so its names are qualified: each sender pays for each step here. For the same
-- reason the trigger has no condition, which would be parsed anew for each statement.
create or replace function net.ring()
returns trigger
language plpgsql
as $$
begin
  if not pg_catalog.pg_try_advisory_xact_lock_shared(1885826676, 1) then
    if coalesce(
      pg_catalog.lower(pg_catalog.current_setting('net.quiet', true)) operator(pg_catalog.<>) all ('{on,true,yes,1}'),
      true
    ) then
      perform pg_catalog.pg_notify('pgnetty', '');
    end if;
  end if;
  return null;
end
$$;

-- API: private
-- The row of net.key_slot under which a role's key is looked for and taken. Two keys that share one only wait for each other.
create or replace function net.slot_of(key text)
returns integer
language sql
immutable
return pg_catalog.hashtext(key) & 255;

-- API: private
-- Stamps who gives an order, see schema step 5: runs as that role, before the definer trigger that carries the order out. Not a
-- column default: a view of somebody's own can have another.
create or replace function net.stamp_order()
returns trigger
language plpgsql
as $$
begin
  new.ordered_by := net.caller();
  return new;
end
$$;

-- API: helper
-- What is wrong with a URL, or null. No backslash stands in these patterns: a session may have switched
-- standard_conforming_strings off.
create or replace function net.url_problem(url text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  authority text;
  port text;
begin
  if length(url) > 65536 then
    return 'url is longer than 65536 characters';
  end if;
  -- Not [[:cntrl:]]: in some encodings PostgreSQL counts letters among them.
  if url ~ ('[' || chr(1) || '-' || chr(32) || chr(127) || ']') then
    return 'url has a space or a control character: percent-encode it';
  end if;
  if url !~* '^https?://' then
    return 'url must be absolute and begin with http:// or https://';
  end if;
  authority := substring(url from '^[^:]*://([^/?#]*)');
  if strpos(authority, '@') > 0 then
    return 'url has user info before its host: send it in an Authorization header instead';
  end if;
  if strpos(authority, chr(92)) > 0 or authority !~ '^([[][0-9A-Fa-f:.]+[]]|[^]:"<>^`{|}%[]+)(:[0-9]*)?$' then
    return 'url has no valid host';
  end if;
  port := ltrim(substring(authority from ':([0-9]+)$'), '0');
  if authority ~ ':0+$' or length(port) > 5 or port <> '' and port::integer > 65535 then
    return 'url has a port outside 1 to 65535';
  end if;
  if net.host_of(url) is null then
    return case
      when length(authority) > 255 then 'url has a host of more than 253 characters'
      else 'url has no valid host'
    end;
  end if;
  return null;
end
$$;

-- API: helper
-- The roles whose requests the caller sees: itself, those that it is a member of, and for the owner of schema net and its
-- members all. An array, so that an index on who queued serves row-level security, which comes first then.
create or replace function net.visible_roles()
returns regrole[]
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if net.is_owner() then
    return array(
      select r.oid::regrole
      from pg_roles r
      order by r.oid
    );
  end if;
  return array(
    with recursive visible (role) as (
      select net.caller()::oid
      union
      select m.roleid
      from visible v
      join pg_auth_members m on m.member = v.role
    )
    select v.role::regrole
    from visible v
    order by v.role
  );
end
$$;

-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = 1) then
    return;
  end if;

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
execute function net.ring();

-- The caller's own requests that are not done. The queue itself has no row-level security: COPY refuses a table with it.
create view net.my_requests
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
  q.idempotency_key,
  q.attempt,
  net.queue_status(q.lease_until) as status,
  q.error_msg
from net.http_request_queue q
where pg_catalog.pg_has_role((select net.caller()), q.queued_by, 'member')
  or (select net.is_owner());

-- Whether a lease is there says nothing of how many are: with statistics from an idle moment the planner would sort the
-- whole queue for a claim.
alter table net.http_request_queue alter column lease_until set statistics 0;

-- Default privileges of the database may have given our tables to others: bodies and credentials are in them.
do $own$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.relnamespace = 'net'::regnamespace
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;


  insert into net.schema_step (step) values (1);
end
$step$;

-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = 2) then
    return;
  end if;

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

-- Columns of a view can only be added at its end.
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
  q.idempotency_key,
  q.attempt,
  net.queue_status(
    q.lease_until,
    q.replica,
    q.failures,
    exists (
      select
      from net.paused p
      where net.host_matches(q.host, p.host_pattern)
    )
  ) as status,
  q.error_msg,
  q.max_attempts,
  q.failures,
  q.priority,
  -- When it is sent at the earliest, where that is not now.
  case when q.replica is null and pg_catalog.isfinite(q.lease_until) then q.lease_until end as not_before,
  q.dedupe_key,
  q.fire_and_forget,
  q.keep_failed
from net.http_request_queue q
where pg_catalog.pg_has_role((select net.caller()), q.queued_by, 'member')
  or (select net.is_owner());

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

-- As in the first step, for the tables of this one.
do $own$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.oid in (
        'net.dead_letter'::regclass,
        'net.dead_letter_secret'::regclass,
        'net.attempts'::regclass,
        'net.paused'::regclass,
        'net.queue_limit'::regclass
      )
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;


  insert into net.schema_step (step) values (2);
end
$step$;

-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = 3) then
    return;
  end if;

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

-- As it was, but for the breakers.
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
  q.idempotency_key,
  q.attempt,
  net.queue_status(
    q.lease_until,
    q.replica,
    q.failures,
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
  case when q.replica is null and pg_catalog.isfinite(q.lease_until) then q.lease_until end as not_before,
  q.dedupe_key,
  q.fire_and_forget,
  q.keep_failed
from net.http_request_queue q
where pg_catalog.pg_has_role((select net.caller()), q.queued_by, 'member')
  or (select net.is_owner());

-- As in the first step, for the tables of this one.
do $own$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.oid in ('net.duty'::regclass, 'net.host_rule'::regclass, 'net.hosts'::regclass)
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;


  insert into net.schema_step (step) values (3);
end
$step$;

-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = 4) then
    return;
  end if;

-- The queue's limit as a number that costs a call next to nothing, and one trigger without a condition, which would be parsed
-- anew for each statement. Step 3 was in use in two other forms for a while: with a column for that number, a condition at
-- the bell and a trigger for the limit, which are taken away; and with this sequence, which is left.
drop trigger if exists room on net.http_request_queue;
drop function if exists net.room();
drop function if exists net.check_room();
drop trigger ring on net.http_request_queue;

create trigger ring
after insert on net.http_request_queue
for each statement
execute function net.ring();

alter table net.queue_limit
  drop column if exists limit_id;

-- Ids up to its value are within the limit of the queue for certain. A sequence, as calls read its value in a fraction of
-- what a row costs them; nobody takes the next one.
create sequence if not exists net.limit_id minvalue 0 owned by net.queue_limit.max_queued;

do $limit$
begin
  perform pg_catalog.setval('net.limit_id', greatest(l.counted_id + l.max_queued - l.counted, 0))
  from net.queue_limit l;
end
$limit$;

-- As in the first step, for the sequence of this one.
do $own$
declare
  item record;
begin
  for item in
    select a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.oid = 'net.limit_id'::regclass
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on net.limit_id from %s',
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;


  insert into net.schema_step (step) values (4);
end
$step$;

-- Takes one step of sql/schema, once: its number and its file are put in where the braces are.
do $step$
begin
  if exists (select from net.schema_step where step = 5) then
    return;
  end if;

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
  net.queue_status(
    q.lease_until,
    q.replica,
    q.failures,
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
  case when q.replica is null and pg_catalog.isfinite(q.lease_until) then q.lease_until end as not_before,
  q.dedupe_key,
  q.fire_and_forget,
  q.keep_failed,
  -- Only our own transaction (or a savepoint of it) is at once visible and in progress.
  q.created >= pg_catalog.now() and pg_catalog.pg_xact_status(net.full_xid(q.xmin)) = 'in progress' as queued_here
from net.http_request_queue q
cross join net.key_secret s
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

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

-- As in the first step, for the relations of this one.
do $own$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.oid in (
        'net.key_slot'::regclass,
        'net.key_secret'::regclass,
        'net.new_request'::regclass,
        'net.cancellation'::regclass,
        'net.redelivery'::regclass,
        'net.key_lookup'::regclass
      )
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;


  insert into net.schema_step (step) values (5);
end
$step$;

-- API: public
-- http_get_result under a later name of pg_net's.
create or replace function net._http_collect_response(
  request_id bigint,
  async boolean default true,
  timeout_milliseconds integer default null
)
returns net.http_response_result
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.http_get_result(request_id, async, timeout_milliseconds);
end
$$;

-- API: private
-- Looks at requests that were queued while another with the same key was, and decides up to `batch` of them: one becomes due,
-- or goes back to its time; the others leave the queue with a response that points to it. Returns how many it decided.
-- For the bridges. One at a time, by the lock on the row of queue_limit; and with the lock of the key's slot, or a transaction
-- that has looked already could queue it now: where one holds it, the request waits. A statement that follows a lock sees what
-- was committed before, as one that takes the lock itself would not.
-- A request that cannot be decided is parked with the reason, and holds up no other.
-- Indexes: http_request_queue_leased_idx, key_slot_pkey and the keys'.
create or replace function net.admit_keyed(batch integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  other record;
  key_slot integer;
  decided integer := 0;
  busy regrole[] := '{}';
begin
  perform from net.queue_limit l for update;

  for request in
    select q.id, q.queued_by, q.dedupe_key, q.fingerprint
    from net.http_request_queue q
    where q.lease_until = '-infinity'
    order by q.lease_until, q.id
    for update skip locked
  loop
    exit when decided >= batch;
    -- Nobody is waited for; a role whose slots another transaction is making just now has its turn later.
    continue when request.queued_by = any (busy);
    if not net.has_key_slots(request.queued_by, '5ms') then
      busy := busy || request.queued_by;
      continue;
    end if;
    key_slot := net.slot_of(request.dedupe_key);
    perform
    from net.key_slot s
    where s.queued_by = request.queued_by
      and s.slot = key_slot
    for update skip locked;
    continue when not found;
    decided := decided + 1;
    select same.id, same.fingerprint
    into other
    from (
      (
        select q.id, q.fingerprint
        from net.http_request_queue q
        where net.key_hash(q.queued_by, q.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and q.queued_by = request.queued_by
          and q.dedupe_key = request.dedupe_key
          and q.id <> request.id
          and (q.lease_until is distinct from '-infinity' or q.id < request.id)
        order by net.key_hash(q.queued_by, q.dedupe_key), q.id
        limit 1
      )
      union all
      (
        select r.id, r.fingerprint
        from net._http_response r
        where net.key_hash(r.queued_by, r.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and r.queued_by = request.queued_by
          and r.dedupe_key = request.dedupe_key
          and r.same_as is null
        order by net.key_hash(r.queued_by, r.dedupe_key), r.id
        limit 1
      )
      union all
      (
        select d.id, d.fingerprint
        from net.dead_letter d
        where net.key_hash(d.queued_by, d.dedupe_key) = net.key_hash(request.queued_by, request.dedupe_key)
          and d.queued_by = request.queued_by
          and d.dedupe_key = request.dedupe_key
        order by net.key_hash(d.queued_by, d.dedupe_key), d.id
        limit 1
      )
    ) same
    order by same.id
    limit 1;

    begin
      if other.id is null then
        update net.http_request_queue q
        set lease_until = due.due
        from (
          select case when w.due > clock_timestamp() then w.due end as due
          from (
            select k.rank + k.priority * interval '10 seconds' as due
            from net.http_request_queue k
            where k.id = request.id
          ) w
        ) due
        where q.id = request.id;
      else
        with gone as (
          delete from net.http_request_queue q
          where q.id = request.id
          returning q.id, q.queued_by
        )
        insert into net._http_response (id, timed_out, error_msg, queued_by, same_as)
        select
          g.id,
          false,
          case
            when other.fingerprint = request.fingerprint then format('Not sent: request %s has the same idempotency_key', other.id)
            else format(
              'Not sent: its idempotency_key belongs to request %s, which has another method, URL or body', other.id)
          end,
          g.queued_by,
          case when other.fingerprint = request.fingerprint then other.id end
        from gone g;
      end if;
    exception
      when others then
        if left(sqlstate, 2) in ('40', '53', '55', '57', '58') then
          -- It passes: not the row's fault.
          raise;
        end if;
        -- A user's trigger on the responses refuses it, say: it alone stays, and says so.
        update net.http_request_queue q
        set lease_until = 'infinity',
          rank = clock_timestamp(),
          error_msg = case
            when other.id is null then format('Not sent: its idempotency_key could not be looked at: %s', sqlerrm)
            else format('Not sent: request %s has the same idempotency_key; this could not be stored: %s', other.id, sqlerrm)
          end
        where q.id = request.id;
    end;
  end loop;
  return decided;
end
$$;

-- API: helper
-- Makes the bridges reconnect, once in 10 s at most. False: it was asked for within the last 10 s, or is being asked for
-- in a transaction that has not ended. The notification is a hint; the row is what the bridges believe. Definer, as nobody
-- else may write it.
create or replace function net.ask_restart()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update net.bridge_control c
  set restarts = c.restarts + 1,
    restart_asked = clock_timestamp()
  from (
    select only_row
    from net.bridge_control
    where restart_asked < clock_timestamp() - interval '10 seconds'
    for update skip locked
  ) due
  where c.only_row = due.only_row;
  if not found then
    return false;
  end if;
  perform pg_notify('pgnetty', 'control');
  return true;
end
$$;

-- API: helper
-- Whether a bridge has been seen of late. The table has one row a bridge. Definer, as nobody else may read it.
create or replace function net.bridge_is_up()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from net.replicas r
    where r.state = 'running'
      and r.seen > clock_timestamp() - interval '15 seconds'
  )
$$;

-- API: private
-- Makes dead letters of up to `batch` requests that were parked as they were lost too often, where their failures are to be
-- kept; gives how many. One that a user's trigger refuses stays parked.
-- Index: http_request_queue_leased_idx. Locks: the rows; locked ones are skipped.
create or replace function net.bury_lost(batch integer)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request net.http_request_queue;
  buried bigint := 0;
begin
  for request in
    select q.*
    from net.http_request_queue q
    where q.lease_until = 'infinity'
      and q.losses >= 3
      and q.keep_failed
    order by q.id
    limit batch
    for update skip locked
  loop
    begin
      delete from net.http_request_queue q
      where q.id = request.id;
      insert into net._http_response (id, timed_out, error_msg, queued_by, failed, dedupe_key, fingerprint)
      values (request.id, false, request.error_msg, request.queued_by, true, request.dedupe_key, request.fingerprint);
      insert into net.dead_letter (
        id, method, url, headers, body, timeout_milliseconds, host, queued_by, created, error_msg, failures,
        max_attempts, priority, idempotency_key, dedupe_key, fingerprint, fire_and_forget, keep_failed
      )
      values (
        request.id, request.method, request.url, net.mask_headers(request.headers), request.body,
        request.timeout_milliseconds, coalesce(request.home_host, request.host), request.queued_by, request.created, request.error_msg, request.failures,
        request.max_attempts, request.priority,
        coalesce(
          request.idempotency_key, net.request_key((select s.secret from net.key_secret s), request.id, request.created)),
        request.dedupe_key, request.fingerprint,
        request.fire_and_forget, request.keep_failed
      );
      insert into net.dead_letter_secret (id, headers)
      select request.id, request.headers
      where request.headers <> net.mask_headers(request.headers);
      buried := buried + 1;
    exception
      when others then
        raise warning 'pgnetty: request % stays parked: %', request.id, sqlerrm;
    end;
  end loop;
  return buried;
end
$$;

-- API: public
-- Takes back a request that is not being sent, or one that stayed because its answer could not be stored. True: it will not
-- be sent (again), and its result says who cancelled it, and whether an attempt before may have reached the target.
-- False: it is being sent or done, is another role's, or never was. Waits for nobody but a claim that is just happening.
-- Index: the primary key.
create or replace function net.cancel(request_id bigint)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  count bigint;
begin
  insert into net.cancellation (ids)
  values (array[request_id])
  returning cancelled into count;
  return count = 1;
end
$$;

-- API: public
-- Takes back the caller's own requests (the owner's reach is all) that are not being sent and that match everything given;
-- gives how many. Reads the whole queue, or what one role has in it.
create or replace function net.cancel_where(
  -- A host, *.example.com, or * for all; with :port if wanted.
  host text default null,
  -- Queued at this time or later.
  since timestamptz default null,
  -- A part of the last error, in any case.
  error text default null,
  -- Queued before this time.
  until timestamptz default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  count bigint;
begin
  perform net.need_filter(host, since, error, until);
  insert into net.cancellation (host, since, error, until)
  values (host, since, error, until)
  returning cancelled into count;
  return count;
end
$$;

-- API: helper
-- The registered (IANA) name of the database's encoding; null where it has none (SQL_ASCII).
create or replace function net.charset()
returns text
language sql
stable
parallel safe
return case pg_catalog.getdatabaseencoding()
  when 'SQL_ASCII' then null
  when 'UTF8' then 'UTF-8'
  when 'LATIN1' then 'ISO-8859-1'
  when 'LATIN2' then 'ISO-8859-2'
  when 'LATIN3' then 'ISO-8859-3'
  when 'LATIN4' then 'ISO-8859-4'
  when 'LATIN5' then 'ISO-8859-9'
  when 'LATIN6' then 'ISO-8859-10'
  when 'LATIN7' then 'ISO-8859-13'
  when 'LATIN8' then 'ISO-8859-14'
  when 'LATIN9' then 'ISO-8859-15'
  when 'LATIN10' then 'ISO-8859-16'
  when 'ISO_8859_5' then 'ISO-8859-5'
  when 'ISO_8859_6' then 'ISO-8859-6'
  when 'ISO_8859_7' then 'ISO-8859-7'
  when 'ISO_8859_8' then 'ISO-8859-8'
  when 'EUC_JP' then 'EUC-JP'
  when 'EUC_KR' then 'EUC-KR'
  when 'EUC_CN' then 'GB2312'
  when 'KOI8R' then 'KOI8-R'
  when 'KOI8U' then 'KOI8-U'
  else pg_catalog.regexp_replace(pg_catalog.getdatabaseencoding(), '^WIN', 'windows-')
end;

-- API: helper
-- Refuses a request that could never be sent, and stamps its host and when it is due. Only our functions set lease_until (through
-- net.new_request): when it is sent at the earliest, or '-infinity' where its key must be looked at first (net.look_up_key);
-- such a request has its time in its rank.
create or replace function net.check_request(request net.http_request_queue)
returns net.http_request_queue
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  -- As the column's not-null constraint would say it, but without the row, which may hold credentials.
  if request.url is null or request.method is null or request.headers is null or request.timeout_milliseconds is null then
    raise exception using
      errcode = 'not_null_violation',
      message = format(
        'null value in column "%s" of relation "http_request_queue" violates not-null constraint',
        case
          when request.url is null then 'url'
          when request.method is null then 'method'
          when request.headers is null then 'headers'
          else 'timeout_milliseconds'
        end
      );
  end if;
  problem := case
    when getdatabaseencoding() = 'SQL_ASCII'
      and not net.is_utf8(
        convert_to(concat(request.method, request.url, request.headers::text, request.dedupe_key), 'SQL_ASCII'))
    then 'method, url, headers and idempotency_key must be valid UTF-8'
    when request.method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE') then null
    when length(request.method) > 64 then 'method is longer than 64 characters'
    when request.method !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$' then
      'method must be an HTTP method token, such as GET or PROPFIND, without spaces'
    when upper(request.method) = 'CONNECT' then
      'method CONNECT asks a proxy for a tunnel and cannot be sent as a request'
  end;
  problem := coalesce(problem, net.url_problem(request.url));
  if problem is null
    and request.headers <> '{}'
    and request.headers <> '{"Content-Type": "application/json"}'
  then
    problem := net.headers_problem(request.headers);
  end if;
  problem := coalesce(
    problem,
    case
      when request.timeout_milliseconds not between 1 and 3600000 then
        format('timeout_milliseconds must be from 1 to 3600000 (one hour), not %s', request.timeout_milliseconds)
      when request.max_attempts is null or request.max_attempts not between 1 and 1000 then
        format('max_attempts must be from 1 to 1000, not %s', coalesce(request.max_attempts::text, 'null'))
      when request.priority is null or request.priority not between -1000 and 1000 then
        format('priority must be from -1000 to 1000, not %s', coalesce(request.priority::text, 'null'))
      when request.lease_until = 'infinity' then 'not_before must be a time, not infinity'
      when request.lease_until = '-infinity' and request.dedupe_key is null then 'not_before must be a time, not -infinity'
      when request.lease_until = '-infinity' and not coalesce(isfinite(request.rank), false) then 'rank must be a time'
      when length(request.dedupe_key) not between 1 and 512 then
        format('idempotency_key must have 1 to 512 characters, not %s', length(request.dedupe_key))
    end
  );
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  if getdatabaseencoding() not in ('UTF8', 'SQL_ASCII') then
    -- The bridge reads in UTF-8: a letter that has no place there fails here, and not the claim.
    perform convert_to(request.url || request.headers::text, 'UTF8');
  end if;

  request.host := net.host_of(request.url);
  request.fire_and_forget := coalesce(request.fire_and_forget, false);
  request.keep_failed := coalesce(request.keep_failed, false);
  if request.lease_until is distinct from '-infinity' then
    if request.lease_until <= request.created then
      request.lease_until := null;
    end if;
    request.rank := coalesce(request.lease_until, request.created) - request.priority * interval '10 seconds';
  else
    request.rank := greatest(request.rank, request.created - request.priority * interval '10 seconds');
  end if;
  return request;
end
$$;

-- API: public
-- Raises when no bridge serves this database.
create or replace function net.check_worker_is_up()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not net.bridge_is_up() then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'no pgnetty bridge is running for this database',
      detail = 'Requests wait in net.http_request_queue; none is lost.',
      hint = 'Start one with: pgnetty run --url ...';
  end if;
end
$$;

-- API: private
-- Claims for a bridge; sql/bridge/claim.sql says what, and for whom. One function and not one statement: the places of a host
-- are counted under a lock on its row, and only a statement that begins after the lock was granted sees what the claim before
-- this one has taken.
-- Indexes: http_request_queue_due_idx, entered once a host and read as far as is claimed; http_request_queue_held_idx, as far
-- as a host's places go; hosts_pkey, host_rule_pkey, paused_pkey. What it passes over is dead and not yet vacuumed, or being
-- claimed by others.
-- Locks: rows of net.hosts in order of their hosts, then the claimed rows; whatever another claim holds is skipped.
create or replace function net.claim(
  max_requests integer,
  lease interval,
  claimer uuid,
  max_body bigint,
  max_bytes bigint,
  after_host text,
  max_hosts integer
)
returns table (
  last_host text,
  -- Whether there may be more hosts, or more of theirs, that could be claimed now.
  more boolean,
  -- Whether hosts have more than their places, their pace or their breaker let go.
  held_back boolean,
  -- When one of these may go on by its pace or its breaker, or a row of net.hosts is free again.
  next_seconds double precision,
  id bigint,
  attempt integer,
  method text,
  url text,
  host text,
  headers text,
  body bytea,
  body_length integer,
  timeout_milliseconds integer,
  idempotency_key uuid,
  max_attempts integer,
  failures integer,
  waited_seconds double precision,
  probe boolean,
  break_failure_rate double precision,
  break_min_requests integer,
  break_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Statistics of a table that is empty one moment and full the next say nothing.
set enable_seqscan = off
set enable_bitmapscan = off
-- Where a table is scanned all the same, the price of that is above jit_above_cost: compiling would take seconds per call.
set jit = off
-- Planning anew for each call would cost three times what it takes to run for a request.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  started constant timestamptz := clock_timestamp();
  visited text[];
  eligible text[];
  locked text[];
  wait double precision;
  known bigint;
  secret constant uuid := (
    select s.secret
    from net.key_secret s
    where s.only_row
  );
begin
  with recursive ahead (host) as (
    (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host > after_host
      order by q.host
      limit 1
    )
    union all
    select (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host > a.host
      order by q.host
      limit 1
    )
    from ahead a
    where a.host is not null
  ),
  behind (host) as (
    (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host <= after_host
      order by q.host
      limit 1
    )
    union all
    select (
      select q.host
      from net.http_request_queue q
      where q.lease_until is null
        and q.host > b.host
        and q.host <= after_host
      order by q.host
      limit 1
    )
    from behind b
    where b.host is not null
  )
  select array_agg(v.host)
  into visited
  from (
    (
      select a.host
      from ahead a
      where a.host is not null
    )
    union all
    (
      select b.host
      from behind b
      where b.host is not null
    )
    limit max_hosts
  ) v;
  if visited is null then
    return query
    select null::text, false, false, null::double precision, null::bigint, null::integer, null::text, null::text, null::text,
      null::text, null::bytea, null::integer, null::integer, null::uuid, null::integer, null::integer,
      null::double precision, null::boolean, null::double precision, null::integer, null::double precision;
    return;
  end if;

  insert into net.hosts (host, patterns)
  select v.host, net.patterns_of(v.host)
  from unnest(visited) v (host)
  where not exists (
    select
    from net.hosts h
    where h.host = v.host
  )
  order by v.host
  on conflict do nothing;

  -- Whoever is broken or paused needs no lock.
  select
    array_agg(h.host) filter (where not p.is_paused and (h.broken_until is null or h.broken_until <= started)),
    min(extract(epoch from h.broken_until - started)) filter (where not p.is_paused and h.broken_until > started),
    count(*)
  into eligible, wait, known
  from net.hosts h
  cross join lateral (
    -- Mostly none is: that is asked once, and not for each pattern of each host.
    select (
        select exists (
          select
          from net.paused
        )
      )
      and exists (
        select
        from net.paused p
        where p.host_pattern = any (h.patterns)
      ) as is_paused
  ) p
  where h.host = any (visited);

  select array_agg(l.host)
  into locked
  from (
    select h.host
    from net.hosts h
    where h.host = any (eligible)
    order by h.host
    for no key update of h skip locked
  ) l;
  if cardinality(locked) is distinct from cardinality(eligible) or known < cardinality(visited) then
    -- Another claim has them, for some milliseconds; or they were being forgotten just now.
    wait := least(wait, 0.003);
  end if;

  return query
  with turns as materialized (
    select
      v.host,
      v.turn,
      h.broken_until is not null as probe,
      h.paced_until,
      h.patterns
    from unnest(visited) with ordinality v (host, turn)
    join net.hosts h on h.host = v.host
    where v.host = any (locked)
  ),
  -- What no rule of its own says, the rule for all says, or what holds without any.
  ruled as materialized (
    select
      t.*,
      coalesce(own.max_in_flight, fallback.max_in_flight, 64) as places,
      nullif(coalesce(own.per_second, fallback.per_second), 'infinity') as pace,
      coalesce(own.break_failure_rate, fallback.break_failure_rate, 0.5) as failure_rate,
      coalesce(own.break_min_requests, fallback.break_min_requests, 20) as min_requests,
      extract(epoch from coalesce(own.break_for, fallback.break_for, '1 second'))::double precision as seconds
    from turns t
    left join lateral (
      select r.*
      from net.host_rule r
      where r.host_pattern = any (t.patterns)
        and (
          select exists (
            select
            from net.host_rule
            where host_pattern <> '*'
          )
        )
      order by array_position(t.patterns, r.host_pattern)
      limit 1
    ) own on true
    left join net.host_rule fallback on fallback.host_pattern = '*'
  ),
  -- Its places over all bridges, by the leases that are alive, and what its pace has let grow: not more than a tenth of a
  -- second's worth, or one.
  measured as materialized (
    select
      r.*,
      (
        select count(*)
        from (
          select
          from net.http_request_queue q
          where q.host = r.host
            and q.replica is not null
            and q.lease_until > started
            and q.lease_until < 'infinity'
          limit r.places
        ) held
      )::integer as in_flight,
      case
        when r.pace is not null
        then least(
          coalesce(extract(epoch from started - r.paced_until)::double precision, 'infinity'),
          greatest(0.1, 1 / r.pace)
        ) * r.pace
      end as grown
    from ruled r
  ),
  -- What was sent before the breaker opened takes no probe's place: see the update of net.hosts below.
  allowed as materialized (
    select
      m.*,
      greatest(
        least(
          max_requests,
          case when m.probe then 1 else m.places - m.in_flight end,
          floor(least(m.grown + 0.001, max_requests))::integer
        ),
        0
      ) as free
    from measured m
  ),
  -- Shared among those that can give something.
  open_hosts as materialized (
    select a.*, least(a.free, a.share) as room
    from (
      select *, ceil(max_requests::numeric / greatest(count(*) filter (where free > 0) over (), 1))::integer as share
      from allowed
    ) a
  ),
  due as materialized (
    select o.turn, o.host, r.id, r.size, row_number() over () as place
    from (
      select *
      from open_hosts
      where room > 0
      order by turn
    ) o
    cross join lateral (
      select
        q.id,
        case when octet_length(q.body) <= max_body then octet_length(q.body) else 0 end as size
      from net.http_request_queue q
      where q.host = o.host
        and q.lease_until is null
      order by q.rank, q.id
      limit o.room
      for no key update skip locked
    ) r
    limit max_requests
  ),
  -- In the order of the turns, so that a host's large bodies do not keep the others out.
  fitting as materialized (
    select d.id, d.turn
    from (
      select due.id, due.turn, sum(due.size) over (order by due.place) - due.size as before
      from due
    ) d
    where d.before <= max_bytes
  ),
  claimed as (
    update net.http_request_queue q
    set attempt = q.attempt + 1,
      lease_until = clock_timestamp() + lease,
      replica = claimer
    from fitting
    where q.id = fitting.id
    returning q.*
  ),
  given as materialized (
    select c.host, count(*) as requests, max(c.timeout_milliseconds) as milliseconds
    from claimed c
    group by c.host
  ),
  -- A full join, as that is never done host by host: it comes to a left one.
  used as materialized (
    select o.*, coalesce(g.requests, 0) as requests, g.milliseconds
    from open_hosts o
    full join given g on g.host = o.host
  ),
  -- The next probe goes out when this one has had its time: some seconds, however long its sender would wait.
  written as (
    update net.hosts h
    set paced_until = case
        when u.pace is null then h.paced_until
        else greatest(h.paced_until, started - greatest(0.1, 1 / u.pace) * interval '1 second')
          + u.requests / u.pace * interval '1 second'
      end,
      broken_until = case
        when u.probe then started + least(u.milliseconds, 5000)::double precision * interval '1 millisecond' + interval '1 second'
      end
    from used u
    where h.host = u.host
      and u.requests > 0
      and (u.pace is not null or u.probe)
  ),
  summary as (
    select
      exists (
        select
        from used u
        where u.free <= u.share
          and u.free <= u.requests
      ) as held_back,
      -- Its places are taken, maybe by other bridges, of which this one does not hear.
      (
        select 0.25
        from used u
        where u.places <= u.in_flight
          and not u.probe
        limit 1
      ) as next_place,
      -- A claim costs more than a request: not for each by itself, where they come fast.
      (
        select min(greatest((1 + u.requests - u.grown) / u.pace, 0.01))
        from used u
        where u.grown < u.share
          and floor(u.grown + 0.001) <= u.requests
          and u.places > u.in_flight
      ) as next_pace,
      (
        -- The last that had its turn: where the limit came first, the others behind it still have theirs to come.
        select v.host
        from unnest(visited) with ordinality v (host, turn)
        where (select count(*) from fitting) < max_requests and (select count(*) from fitting) = (select count(*) from due)
          or v.turn <= (select max(f.turn) from fitting f)
        order by v.turn desc
        limit 1
      ) as last_host,
      -- As many hosts as were asked for, or as many requests as one may give, or all that there is room for.
      cardinality(visited) >= max_hosts
        or exists (
          select
          from used u
          where u.requests >= u.share
            and u.free > u.share
        )
        or (select count(*) from due) >= max_requests
        or (select count(*) from due) > (select count(*) from fitting) as more
  )
  select
    s.last_host,
    s.more,
    s.held_back or wait is not null,
    least(s.next_pace, s.next_place, wait),
    c.id,
    c.attempt,
    c.method,
    c.url,
    c.host,
    c.headers::text,
    case when octet_length(c.body) <= max_body then c.body end,
    coalesce(octet_length(c.body), 0),
    c.timeout_milliseconds,
    coalesce(c.idempotency_key, net.request_key(secret, c.id, c.created)),
    c.max_attempts,
    c.failures,
    -- As a float at once: extract would come by numeric, for each row.
    date_part('epoch', clock_timestamp() - c.created),
    o.probe,
    o.failure_rate,
    o.min_requests,
    o.seconds
  from summary s
  left join claimed c on true
  left join open_hosts o on o.host = c.host;
end
$$;

-- API: helper
-- The content type that headers name, whatever the case of the name; null where there is none. An array of one counts.
create or replace function net.content_type(headers jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(h.value ->> 0, h.value #>> '{}')
  from jsonb_each(case jsonb_typeof(headers) when 'object' then headers else '{}' end) h
  where lower(h.key collate "C") = 'content-type'
    and h.value <> 'null'
  limit 1
$$;

-- API: owner
-- Takes the rule of a pattern back; true when there was one. Granted to nobody: the owner's.
create or replace function net.drop_host_rule(host_pattern text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from net.host_rule r
  where r.host_pattern = net.host_pattern(drop_host_rule.host_pattern);
  if found then
    perform pg_notify('pgnetty', '');
    return true;
  end if;
  return false;
end
$$;

-- API: helper
-- What a request must have in common with another that has its key: method, URL and body.
create or replace function net.fingerprint(method text, url text, body bytea)
returns bytea
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sha256(
    convert_to(concat(method, ' ', url, chr(10)), getdatabaseencoding())
      || coalesce(decode('01', 'hex') || body, decode('00', 'hex'))
  )
$$;

-- API: private
-- Whether attempt `attempt` of a request may go on to another host, to which a redirect leads: `problem` where it may not;
-- else, in `wait_seconds`, when to ask again where the host's rule does not let it go now, and null where it goes. It takes a
-- slot of that host then, by the row's own host, until it ends; home_host says where it belongs.
-- Indexes: hosts_pkey, host_rule_pkey, http_request_queue_held_idx as far as the host's slots go, http_request_queue_pkey.
-- Locks: the row of net.hosts, then the request's.
create or replace function net.hop(
  request_id bigint,
  attempt integer,
  host text,
  out problem text,
  out wait_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  started constant timestamptz := clock_timestamp();
  place record;
  slots integer;
  rate double precision;
  taken bigint;
begin
  insert into net.hosts as h (host, patterns)
  select host, net.patterns_of(host)
  where not exists (
    select
    from net.hosts known
    where known.host = hop.host
  )
  on conflict do nothing;

  select h.patterns, h.paced_until, h.broken_until
  into place
  from net.hosts h
  where h.host = hop.host;

  if exists (
    select
    from net.paused p
    where p.host_pattern = any (place.patterns)
  ) then
    problem := 'which is paused (net.pause)';
    return;
  end if;
  if place.broken_until is not null then
    problem := 'whose circuit breaker is open';
    return;
  end if;

  select
    coalesce(own.max_in_flight, fallback.max_in_flight, 64),
    nullif(coalesce(own.per_second, fallback.per_second), 'infinity')
  into slots, rate
  from (select) one
  left join lateral (
    select r.*
    from net.host_rule r
    where r.host_pattern = any (place.patterns)
    order by array_position(place.patterns, r.host_pattern)
    limit 1
  ) own on true
  left join net.host_rule fallback on fallback.host_pattern = '*';

  -- A look without a lock first: whoever waits must not keep claims from the host's row.
  for look in 1 .. 2 loop
    if look = 2 then
      select h.patterns, h.paced_until, h.broken_until
      into place
      from net.hosts h
      where h.host = hop.host
      for no key update;
    end if;
    select count(*)
    into taken
    from (
      select
      from net.http_request_queue q
      where q.host = hop.host
        and q.replica is not null
        and q.lease_until > started
        and q.lease_until < 'infinity'
        and q.id <> request_id
      limit slots
    ) held;
    if taken >= slots then
      wait_seconds := 0.05;
      return;
    end if;
    if place.paced_until > started then
      wait_seconds := least(greatest(extract(epoch from place.paced_until - started)::double precision, 0.01), 1);
      return;
    end if;
  end loop;

  if rate is not null then
    update net.hosts h
    set paced_until = greatest(h.paced_until, started - greatest(0.1, 1 / rate) * interval '1 second')
      + 1 / rate * interval '1 second'
    where h.host = hop.host;
  end if;
  update net.http_request_queue q
  set host = hop.host,
    home_host = coalesce(q.home_host, q.host)
  where q.id = request_id
    and q.attempt = hop.attempt
    and q.replica is not null
    and q.host <> hop.host;
end
$$;

-- API: public
-- http_get_result under a later name of pg_net's.
create or replace function net.http_collect_response(
  request_id bigint,
  async boolean default true,
  timeout_milliseconds integer default null
)
returns net.http_response_result
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.http_get_result(request_id, async, timeout_milliseconds);
end
$$;

-- API: public
create or replace function net.http_delete(
  url text,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000,
  -- Null sends no body; another one is sent as JSON.
  body jsonb default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'DELETE',
    case when params = '{}' then url else net.with_params(url, params) end,
    case when body is null then coalesce(headers, '{}') else net.json_headers(headers, true) end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
create or replace function net.http_get(
  url text,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'GET',
    case when params = '{}' then url else net.with_params(url, params) end,
    coalesce(headers, '{}'),
    null,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
-- The result of a request: SUCCESS for any HTTP answer, ERROR with the reason otherwise, PENDING while it is under way.
-- Another role's request and one that never was are the same: not found.
create or replace function net.http_get_result(
  request_id bigint,
  -- false: waits for the answer, in a transaction after the one that queued the request, at read committed.
  async boolean default true,
  -- How long to wait at most; by default the request's own deadline and 5 s.
  timeout_milliseconds integer default null
)
returns net.http_response_result
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Row-level security says whose requests these are; a session that has it off would get an error instead.
set row_security = on
as $$
declare
  started constant timestamptz := clock_timestamp();
  waiting constant boolean := not coalesce(async, true);
  pause double precision := 0.002;
  wait_milliseconds double precision;
  request record;
  -- Seen under way, to leave nothing when it succeeds.
  forgotten boolean := false;
begin
  if waiting and current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = format('waiting for a response would never end in a %s transaction, which does not see what is committed later', current_setting('transaction_isolation')),
      hint = 'Call it at read committed, or with async := true.';
  end if;
  if timeout_milliseconds < 0 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('timeout_milliseconds must not be negative, not %s', timeout_milliseconds);
  end if;

  loop
    -- One statement over all tables: a request leaves the one in the statement that enters it into the other.
    -- Indexes: the primary keys.
    select
      r.id is not null as answered,
      r.same_as,
      case
        when q.id is null then coalesce(r.error_msg, case when r.id is null then d.error_msg end)
        when q.status = 'failed' then q.error_msg
      end as error_msg,
      r.status_code,
      r.headers,
      r.content,
      q.id is not null as under_way,
      q.timeout_milliseconds,
      q.fire_and_forget,
      q.queued_here,
      q.status
    into request
    from (select request_id as id) wanted
    left join net.my_requests q on q.id = wanted.id
    left join net.dead_letter d on d.id = wanted.id
    left join net._http_response r on r.id = wanted.id;

    if request.same_as is not null then
      -- One step at most: what is pointed to was sent itself.
      return net.http_get_result(request.same_as, async, timeout_milliseconds);
    end if;
    if request.error_msg is not null then
      return ('ERROR', request.error_msg, null)::net.http_response_result;
    end if;
    if request.answered then
      return (
        'SUCCESS',
        'ok',
        (request.status_code, request.headers, request.content)::net.http_response
      )::net.http_response_result;
    end if;
    if not request.under_way then
      if forgotten then
        return ('SUCCESS', 'ok; with fire_and_forget no response is kept', null)::net.http_response_result;
      end if;
      return ('ERROR', format('request %s not found', coalesce(request_id::text, 'null')), null)::net.http_response_result;
    end if;
    forgotten := request.fire_and_forget;
    if not waiting then
      return ('PENDING', 'request is pending processing', null)::net.http_response_result;
    end if;
    if request.queued_here then
      raise exception using
        errcode = 'object_not_in_prerequisite_state',
        message = format('request %s was queued in this transaction and is sent only after its commit', request_id),
        hint = 'Commit first, then wait for the result.';
    end if;

    wait_milliseconds := least(timeout_milliseconds, request.timeout_milliseconds::bigint + 5000);
    if extract(epoch from clock_timestamp() - started) * 1000 >= wait_milliseconds then
      return (
        'PENDING',
        format('request is still under way after %s ms', round(wait_milliseconds))
          || case
            when request.status = 'blocked' then ': its host is paused (net.pause), or its breaker open'
            when request.status in ('scheduled', 'retrying') then format(': it is %s', request.status)
            when net.bridge_is_up() then ''
            else ': no bridge is running, start one with: pgnetty run'
          end,
        null
      )::net.http_response_result;
    end if;
    perform pg_sleep(least(pause, wait_milliseconds / 1000));
    pause := least(pause * 1.5, 0.1);
  end loop;
end
$$;

-- API: public
create or replace function net.http_patch(
  url text,
  -- Null sends no body.
  body jsonb default '{}',
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  -- A content type must be JSON; it is added where there is none.
  headers jsonb default '{"Content-Type": "application/json"}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'PATCH',
    case when params = '{}' then url else net.with_params(url, params) end,
    case
      when headers = '{"Content-Type": "application/json"}' then headers
      else net.json_headers(headers, true)
    end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
create or replace function net.http_post(
  url text,
  -- Null sends no body.
  body jsonb default '{}',
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  -- A content type must be JSON; it is added where there is none.
  headers jsonb default '{"Content-Type": "application/json"}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'POST',
    case when params = '{}' then url else net.with_params(url, params) end,
    case
      when headers = '{"Content-Type": "application/json"}' then headers
      else net.json_headers(headers, true)
    end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
create or replace function net.http_put(
  url text,
  -- Null sends no body.
  body jsonb default '{}',
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  -- A content type must be JSON; it is added where there is none.
  headers jsonb default '{"Content-Type": "application/json"}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'PUT',
    case when params = '{}' then url else net.with_params(url, params) end,
    case
      when headers = '{"Content-Type": "application/json"}' then headers
      else net.json_headers(headers, true)
    end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
create or replace function net.http_request(
  -- Any HTTP method token: GET, PUT, PROPFIND, QUERY ...
  method text,
  url text,
  -- At most one of the three bodies, on any method. This one sets a JSON content type where headers have none.
  body jsonb default null,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body; for each attempt.
  timeout_milliseconds integer default 5000,
  -- Sent in the database's encoding, which is named in the content type where it is not UTF-8.
  body_text text default null,
  -- Sent as it is.
  body_bytes bytea default null,
  -- How often it is sent at most, while the outcome is one that is retried. 1 to 1000.
  max_attempts integer default 1,
  -- When it is sent at the earliest, on the database's clock; null is now.
  not_before timestamptz default null,
  -- Higher comes first among the due requests of one host, -1000 to 1000; a request gains a level every 10 s that it
  -- waits.
  priority integer default 0,
  -- While a request of this role with this key is queued, or its response kept, the same call returns its id.
  idempotency_key text default null,
  -- No response is kept when it succeeds.
  fire_and_forget boolean default false,
  -- When its attempts are spent the whole request is kept in net.dead_letter; null means where there are several.
  keep_failed boolean default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  full_url constant text := net.with_params(url, params);
  attempts constant integer := coalesce(max_attempts, 1);
  level constant integer := coalesce(priority, 0);
  sent_body bytea;
  sent_headers jsonb;
  request_fingerprint bytea;
  -- '-infinity' where a bridge must look at the key, see look_up_key.
  held_until timestamptz := not_before;
  request_id bigint;
begin
  if num_nonnulls(body, body_text, body_bytes) > 1 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'body, body_text and body_bytes exclude each other: give one of them';
  end if;
  if not isfinite(not_before) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('not_before must be a time, not %s', not_before);
  end if;

  if body is not null then
    sent_headers := net.json_headers(headers, false);
    sent_body := net.json_body(body);
  elsif body_text is not null then
    sent_headers := net.text_headers(coalesce(headers, '{}'));
    sent_body := convert_to(body_text, getdatabaseencoding());
  else
    sent_headers := coalesce(headers, '{}');
    sent_body := body_bytes;
  end if;

  if idempotency_key is not null then
    request_fingerprint := net.fingerprint(method, full_url, sent_body);
    insert into net.key_lookup as k (key, fingerprint)
    values (idempotency_key, request_fingerprint)
    returning k.same_id, case when k.unsure then '-infinity' else not_before end
    into request_id, held_until;
    if request_id is not null then
      return request_id;
    end if;
  end if;

  insert into net.new_request (
    method, url, headers, body, timeout_milliseconds,
    max_attempts, not_before, priority, rank, dedupe_key, fingerprint, fire_and_forget, keep_failed
  )
  values (
    method,
    full_url,
    sent_headers,
    sent_body,
    timeout_milliseconds,
    attempts,
    held_until,
    level,
    greatest(not_before, clock_timestamp()) - level * interval '10 seconds',
    idempotency_key,
    request_fingerprint,
    coalesce(fire_and_forget, false),
    coalesce(keep_failed, attempts > 1)
  )
  returning id into request_id;
  return request_id;
end
$$;

-- API: public
-- Where a request is: queued, scheduled, blocked (its host is paused, or its breaker open), in_flight, retrying, succeeded (any
-- HTTP answer that is not retried), failed, dead, cancelled, or unknown, which is also said of another role's. One statement
-- over all tables, so that a request on its way from one to the other is in one. Indexes: the primary keys.
create or replace function net.http_request_status(request_id bigint)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Row-level security says whose requests these are; a session that has it off would get an error instead.
set row_security = on
as $$
declare
  status text;
  same_as bigint;
begin
  select
    case
      when q.id is not null then q.status
      when d.id is not null then 'dead'
      when r.cancelled then 'cancelled'
      when r.status_code is not null and not r.failed then 'succeeded'
      when r.id is not null then 'failed'
      else 'unknown'
    end,
    r.same_as
  into status, same_as
  from (select request_id as id) wanted
  left join net.my_requests q on q.id = wanted.id
  left join net.dead_letter d on d.id = wanted.id
  left join net._http_response r on r.id = wanted.id;

  -- One step at most: what is pointed to was sent itself.
  return case when same_as is null then status else net.http_request_status(same_as) end;
end
$$;

-- API: private
-- Which database of which cluster this is. A dump that is restored elsewhere brings another one's along, in
-- net.bridge_control; a failover to a standby changes nothing, pg_upgrade does.
create or replace function net.identity()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s/%s', c.system_identifier, d.oid)
  from pg_control_system() c,
    pg_database d
  where d.datname = current_database()
$$;

-- API: helper
-- The bytes of a JSON body. They carry the database's encoding in the one way that every receiver of JSON reads
-- (RFC 8259, section 8.1): a UTF8 database sends UTF-8; any other escapes what is not ASCII, so that the bytes are valid
-- in both; SQL_ASCII has only bytes and sends them.
create or replace function net.json_body(body jsonb)
returns bytea
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  document text := body::text;
  letter text;
  utf8 bytea;
  lead integer;
  code integer;
begin
  if getdatabaseencoding() in ('UTF8', 'SQL_ASCII') then
    return convert_to(document, getdatabaseencoding());
  end if;
  if document !~ '[^ -~]' then
    return convert_to(document, 'UTF8');
  end if;

  for letter in
    select distinct m[1] from regexp_matches(document, '[^ -~]', 'g') m
  loop
    utf8 := convert_to(letter, 'UTF8');
    lead := get_byte(utf8, 0);
    code := case length(utf8) when 1 then lead when 2 then lead & 31 when 3 then lead & 15 else lead & 7 end;
    for i in 1 .. length(utf8) - 1 loop
      code := (code << 6) | (get_byte(utf8, i) & 63);
    end loop;
    document := replace(
      document,
      letter,
      case
        when code < 65536 then chr(92) || 'u' || lpad(to_hex(code), 4, '0')
        else chr(92) || 'u' || to_hex(55296 + ((code - 65536) >> 10))
          || chr(92) || 'u' || to_hex(56320 + ((code - 65536) & 1023))
      end
    );
  end loop;
  return convert_to(document, 'UTF8');
end
$$;

-- API: helper
-- Headers for a JSON body: a content type is added where there is none. One that is not JSON is refused by the
-- functions that send nothing else (`only_json`). Headers that are no object are left for accept_request to refuse.
create or replace function net.json_headers(headers jsonb, only_json boolean)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  content_type text;
begin
  if headers is null or headers = '{}' or headers = '{"Content-Type": "application/json"}' then
    return '{"Content-Type": "application/json"}';
  end if;
  if jsonb_typeof(headers) <> 'object' then
    return headers;
  end if;
  content_type := net.content_type(headers);
  if content_type is null then
    return net.with_content_type(headers, 'application/json');
  end if;
  if only_json and content_type !~* '^[[:space:]]*(application/([a-z0-9!#$&^_.+-]+[+])?json|text/json)[[:space:]]*(;.*)?$' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('headers: Content-Type must be JSON here, not %s', to_json(content_type)),
      hint = 'For another body use net.http_request with body_text or body_bytes.';
  end if;
  return headers;
end
$$;

-- API: helper
-- Refuses a call that names nothing: it would reach everything, and is more often a mistake.
create or replace function net.need_filter(host text, since timestamptz, error text, until timestamptz)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nonnulls(host, since, error, until) = 0 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'give at least one of host, since, error and until',
      hint = 'host := ''*'' means all.';
  end if;
end
$$;

-- API: private
-- Up to `batch` requests whose time has come: a schedule, a retry, or the lease of a bridge that died or was cut off for
-- longer. What bridge `self` holds itself is left to it: it knows what became of that. And so is what another holds that was
-- seen within `seen_within`, and, unless `take_over`, what any other holds: after an outage that was longer than the leases
-- they have their answers still, and are heard again a moment later.
-- Index: http_request_queue_leased_idx, as large as what is held or waits for its time, read from its start; it serves
-- now() and would not serve clock_timestamp(). Locks: the rows; locked ones are skipped.
create or replace function net.overdue(batch integer, self uuid, seen_within interval, take_over boolean)
returns setof bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select q.id
  from net.http_request_queue q
  where q.lease_until <= now()
    and q.lease_until > '-infinity'
    and (
      q.replica is null
      or take_over
        and q.replica <> self
        and not exists (
          select
          from net.replicas r
          where r.replica = q.replica
            and r.seen > now() - seen_within
        )
    )
  order by q.lease_until
  limit batch
  for no key update skip locked
$$;

-- API: private
-- Keeps a request out of every claim, with the reason. Where even its host is too much for an index it is cut.
create or replace function net.park(request_id bigint, reason text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  update net.http_request_queue q
  set lease_until = 'infinity',
    replica = null,
    -- Since when it is parked, from here on.
    rank = clock_timestamp(),
    host = left(coalesce(q.home_host, q.host), 255),
    home_host = null,
    error_msg = reason
  where q.id = request_id
$$;

-- API: private
-- Parks the due requests that no claim can read, with the reason; gives how many. For when a claim has failed, as one of
-- them must not hold up the others. Reads all that is due.
create or replace function net.park_unreadable()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  parked bigint := 0;
begin
  for request in
    select q.id, u.reason
    from net.http_request_queue q
    cross join lateral net.unreadable(q.id) u (reason)
    where q.lease_until is null
      and u.reason is not null
    order by q.id
    for no key update of q skip locked
  loop
    perform net.park(request.id, format('Not sent: the request cannot be read: %s', request.reason));
    parked := parked + 1;
  end loop;
  return parked;
end
$$;

-- API: owner
-- Sends nothing more to the hosts of a pattern; everything waits. What is in flight goes on. Every claim reads it, so it
-- holds as soon as it is committed. False: it was paused already. Granted to nobody: the owner's.
create or replace function net.pause(host_pattern text default '*')
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if host_pattern is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'host_pattern must not be null: ''*'' means all';
  end if;
  insert into net.paused (host_pattern, paused_by)
  values (net.host_pattern(host_pattern), net.caller())
  on conflict do nothing;
  return found;
end
$$;

-- API: private
-- Makes the given requests due, whose time has come; `promoted`: how many, `lost`: how many of these had been held by a bridge
-- that let its lease run out. One that was lost three times may be what its bridges died of: it is parked with that reason, and
-- not sent again.
-- Indexes: http_request_queue_pkey, replicas_pkey, attempts_pkey. Locks: the rows.
create or replace function net.promote(ids bigint[], out promoted bigint, out lost bigint)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with held as materialized (
    select q.id, q.attempt, q.queued_by, q.lease_until, q.replica
    from net.http_request_queue q
    where q.id = any (ids)
  ),
  told as (
    insert into net.attempts (id, attempt, started, failure, error_msg, replica, queued_by)
    select
      h.id,
      h.attempt,
      h.lease_until,
      'lost',
      'Lost with its bridge, whose lease was over; it may have reached the target',
      (
        select r.name
        from net.replicas r
        where r.replica = h.replica
      ),
      h.queued_by
    from held h
    where h.replica is not null
    on conflict do nothing
  ),
  due as (
    update net.http_request_queue q
    set replica = null,
      host = coalesce(q.home_host, q.host),
      home_host = null,
      losses = q.losses + case when h.replica is null then 0 else 1 end,
      lease_until = case when h.replica is not null and q.losses >= 2 then 'infinity'::timestamptz end,
      -- Of a parked one: since when it is.
      rank = case when h.replica is not null and q.losses >= 2 then clock_timestamp() else q.rank end,
      error_msg = case
        when h.replica is not null and q.losses >= 2 then
          'Lost 3 times with its bridge, and not sent again: the bridges may have died of it. It may have reached the target'
        else q.error_msg
      end
    from held h
    where q.id = h.id
    returning h.replica is not null as lost
  )
  select
    count(*),
    count(*) filter (where d.lost)
  from due d
$$;

-- API: private
-- As net.promote for what net.overdue gives, one by one: a request that cannot be made due is parked with the reason. For when
-- all together has failed, as one of them must not hold up the others.
create or replace function net.promote_each(
  batch integer,
  self uuid,
  seen_within interval,
  take_over boolean,
  out promoted bigint,
  out lost bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
  one record;
  reason text;
begin
  promoted := 0;
  lost := 0;
  foreach request_id in array array(select net.overdue(batch, self, seen_within, take_over)) loop
    begin
      select *
      into one
      from net.promote(array[request_id]);
      promoted := promoted + one.promoted;
      lost := lost + one.lost;
    exception
      when others then
        if left(sqlstate, 2) in ('40', '53', '55', '57', '58') then
          -- It passes: not the row's fault.
          raise;
        end if;
        reason := sqlerrm;
        begin
          perform net.park(request_id, format('Not sent: the request cannot be made due: %s', reason));
          promoted := promoted + 1;
        exception
          when others then
            raise warning 'pgnetty: request % can neither be made due (%) nor parked (%)', request_id, reason, sqlerrm;
        end;
    end;
  end loop;
end
$$;

-- API: public
-- Queues a dead letter anew, with all its attempts and the Idempotency-Key that it had; gives the new request's id. Null:
-- it is no dead letter, or another role's. Index: the primary key.
create or replace function net.redeliver(request_id bigint)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ids bigint[];
begin
  insert into net.redelivery (ids)
  values (array[request_id])
  returning new_ids into ids;
  return ids[1];
end
$$;

-- API: public
-- Queues anew the caller's own dead letters (the owner's reach is all) that match everything given; gives how many. Reads
-- all dead letters, or what one role has of them.
create or replace function net.redeliver_where(
  -- A host, *.example.com, or * for all; with :port if wanted.
  host text default null,
  -- Died at this time or later.
  since timestamptz default null,
  -- A part of the last error, in any case.
  error text default null,
  -- Died before this time.
  until timestamptz default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ids bigint[];
begin
  perform net.need_filter(host, since, error, until);
  insert into net.redelivery (host, since, error, until)
  values (host, since, error, until)
  returning new_ids into ids;
  return cardinality(ids);
end
$$;

-- API: owner
-- Ends the pauses of a pattern and of all that it covers: '*' ends all. False: there was none. Granted to nobody: the
-- owner's.
create or replace function net.resume(host_pattern text default '*')
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host_pattern);
begin
  if host_pattern is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'host_pattern must not be null: ''*'' means all';
  end if;
  delete from net.paused p
  where p.host_pattern = pattern
    or net.host_matches(p.host_pattern, pattern);
  if not found then
    return false;
  end if;
  perform pg_notify('pgnetty', '');
  return true;
end
$$;

-- API: owner
-- Sets the rule for each host of a pattern, over all bridges together. The narrowest pattern that names a host counts; what
-- it leaves null is as the rule for '*' says, or else as said here. Every claim reads it, so it holds as soon as it is committed. Granted to
-- nobody: the owner's.
create or replace function net.set_host_rule(
  -- A host, *.example.com, or *, each with :port if wanted.
  host_pattern text,
  -- Requests in flight at most: 64.
  max_in_flight integer default null,
  -- Requests a second at most; may be less than one. 'infinity', for no limit.
  per_second double precision default null,
  -- The share of failures at which the breaker opens: above 0, up to 1; 'infinity' for never. 0.5. Failures are requests without
  -- an answer; and 502, 503 and 504, once a host has given nothing else for 5 s.
  break_failure_rate double precision default null,
  -- Among how many requests at the end, 1 to 1000: 20.
  break_min_requests integer default null,
  -- Until a request goes out as a probe: 1 s; longer each time that one fails, up to eight times.
  break_for interval default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  problem constant text := case
    when host_pattern is null then 'host_pattern must not be null: ''*'' means all'
    when max_in_flight < 1 then format('max_in_flight must be at least 1, not %s: net.pause stops a host', max_in_flight)
    when max_in_flight > 1000000 then format('max_in_flight must be at most 1000000, not %s', max_in_flight)
    when per_second = 'NaN' or per_second <= 0 then
      format('per_second must be above 0, not %s: net.pause stops a host', per_second)
    when per_second > 1000000 and per_second <> 'infinity' then
      format('per_second must be at most 1000000, or infinity, not %s', per_second)
    when per_second < 0.0001 then 'per_second must be at least 0.0001, some nine a day'
    when break_failure_rate = 'NaN' or break_failure_rate <= 0
      or break_failure_rate > 1 and break_failure_rate <> 'infinity'
    then format('break_failure_rate must be above 0 and up to 1, or infinity, not %s', break_failure_rate)
    when break_min_requests not between 1 and 1000 then
      format('break_min_requests must be from 1 to 1000, not %s', break_min_requests)
    when break_for not between interval '10 milliseconds' and interval '1 hour' then
      format('break_for must be from 10 ms to 1 h, not %s', break_for)
  end;
begin
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  insert into net.host_rule as r (
    host_pattern, max_in_flight, per_second, break_failure_rate, break_min_requests, break_for, set_by
  )
  values (
    net.host_pattern(host_pattern), max_in_flight, per_second, break_failure_rate, break_min_requests, break_for, net.caller()
  )
  on conflict on constraint host_rule_pkey do update
  set max_in_flight = excluded.max_in_flight,
    per_second = excluded.per_second,
    break_failure_rate = excluded.break_failure_rate,
    break_min_requests = excluded.break_min_requests,
    break_for = excluded.break_for,
    set_by = excluded.set_by,
    since = clock_timestamp();
  -- There may be more places now.
  perform pg_notify('pgnetty', '');
end
$$;

-- API: helper
-- Headers for a text body, which is sent in the database's encoding: where that is not UTF-8, a content type that names
-- no charset gets it. One that names another charset would lie about the bytes and is refused.
create or replace function net.text_headers(headers jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  content_type text := net.content_type(headers);
  named text := trim(both '"' from substring(content_type from '(?i);[[:space:]]*charset[[:space:]]*=[[:space:]]*([^;[:space:]]+)'));
begin
  if content_type is null or net.charset() is null then
    return headers;
  end if;
  if named is null then
    return case net.charset()
      when 'UTF-8' then headers
      else net.with_content_type(headers, content_type || '; charset=' || net.charset())
    end;
  end if;
  if lower(named) not in (lower(net.charset()), lower(getdatabaseencoding())) then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('headers: Content-Type names charset %s, but body_text is sent in %s', named, net.charset()),
      hint = format('Leave the charset out, or send body_bytes := convert_to(..., %L).', named);
  end if;
  return headers;
end
$$;

-- API: private
-- Why a request cannot be claimed; null where it can. Reads all of it, as a claim does.
create or replace function net.unreadable(request_id bigint)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  texts text;
begin
  -- Here, as a value that is damaged fails where it is read.
  select q.method, q.url, q.host, q.headers, q.body
  into request
  from net.http_request_queue q
  where q.id = request_id;
  texts := concat(request.method, request.url, request.host, request.headers::text);
  if getdatabaseencoding() = 'SQL_ASCII' then
    perform convert_from(convert_to(texts, 'SQL_ASCII'), 'UTF8');
  else
    perform convert_to(texts, 'UTF8');
  end if;
  perform sha256(request.body);
  return case when length(request.host) > 255 then 'its host has more than 255 characters' end;
exception
  when others then
    return sqlerrm;
end
$$;

-- API: helper
-- Percent-encodes every byte but the unreserved characters of RFC 3986, section 2.3. The bytes are UTF-8; a SQL_ASCII
-- database has only bytes, and they are taken as they are.
create or replace function net.url_encode(value text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes bytea;
begin
  if value ~ '^[A-Za-z0-9._~-]*$' then
    return value;
  end if;
  bytes := convert_to(value, case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end);
  return (
    select string_agg(
      case
        when b between 48 and 57 or b between 65 and 90 or b between 97 and 122 or b in (45, 46, 95, 126) then chr(b)
        else '%' || upper(lpad(to_hex(b), 2, '0'))
      end,
      '' order by i)
    from generate_series(0, length(bytes) - 1) i,
      get_byte(bytes, i) b
  );
end
$$;

-- API: public
-- Waits until a bridge serves this database, one minute at most (statement_timeout ends it earlier).
create or replace function net.wait_until_running()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  give_up constant timestamptz := clock_timestamp() + interval '1 minute';
begin
  -- At repeatable read and serializable a bridge that starts later is never seen: one look tells all.
  while not net.bridge_is_up()
    and clock_timestamp() < give_up
    and current_setting('transaction_isolation') in ('read committed', 'read uncommitted')
  loop
    perform pg_sleep(0.1);
  end loop;
  perform net.check_worker_is_up();
end
$$;

-- API: public
-- Makes the bridges look at the queue when this transaction commits. Inserts do so by themselves.
create or replace function net.wake()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgnetty', '');
end
$$;

-- API: helper
-- Headers whose content type is the given one, in place of any they had.
create or replace function net.with_content_type(headers jsonb, content_type text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select headers
    - coalesce((select array_agg(key) from jsonb_object_keys(headers) key where lower(key collate "C") = 'content-type'), '{}')
    || jsonb_build_object('Content-Type', content_type)
$$;

-- API: helper
-- A URL with the parameters appended to its query, before any fragment.
create or replace function net.with_params(url text, params jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
  value jsonb;
  query text;
  base text;
begin
  if params is null or params = '{}' or url is null then
    return url;
  end if;
  if jsonb_typeof(params) <> 'object' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('params must be a JSON object of names and values, not %s', jsonb_typeof(params));
  end if;
  for name, value in select * from jsonb_each(params) loop
    if jsonb_typeof(value) = 'object'
      or jsonb_typeof(value) = 'array' and value @? 'strict $[*] ? (@.type() == "object" || @.type() == "array")'
    then
      raise exception using
        errcode = 'invalid_parameter_value',
        message = format('params: the value of %s must be a string, number or boolean, null, or an array of these', to_json(name));
    end if;
  end loop;

  select string_agg(net.url_encode(p.key) || '=' || net.url_encode(v.value #>> '{}'), '&' order by p.position, v.position)
  into query
  from jsonb_each(params) with ordinality p (key, value, position),
    jsonb_array_elements(case jsonb_typeof(p.value) when 'array' then p.value else jsonb_build_array(p.value) end)
      with ordinality v (value, position)
  where v.value <> 'null';
  if query is null then
    return url;
  end if;

  base := split_part(url, '#', 1);
  return base
    || case when strpos(base, '?') = 0 then '?' when right(base, 1) in ('?', '&') then '' else '&' end
    || query
    || substr(url, length(base) + 1);
end
$$;

-- API: public
-- Makes the bridges reconnect, once in 10 s at most. False: it was asked for within the last 10 s, or is being asked for
-- in a transaction that has not ended.
create or replace function net.worker_restart()
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.ask_restart();
end
$$;

-- Logged tables lose nothing at a crash; unlogged ones are faster and are emptied by it, as pg_net's are. The transaction's
-- setting pgnetty.unlogged says which is wanted; empty keeps what is there. A change rewrites both tables under an
-- exclusive lock. The ids' sequence stays logged either way, so that an id is never given twice.
do $persistence$
declare
  wanted text := pg_catalog.current_setting('pgnetty.unlogged');
  relation regclass;
begin
  if wanted = '' then
    return;
  end if;
  for relation in
    select c.oid
    from pg_catalog.pg_class c
    where c.oid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass)
      and (c.relpersistence = 'u') <> wanted::boolean
  loop
    execute pg_catalog.format(
      'alter table %s set %s', relation, case when wanted::boolean then 'unlogged' else 'logged' end);
  end loop;
  if wanted::boolean then
    alter sequence net.http_request_queue_id_seq set logged;
  end if;
end
$persistence$;

-- Where this was installed. A dump that was restored elsewhere must not send what the original sends: it is refused until
-- the transaction's setting pgnetty.adopt says what becomes of the requests that came with it.
do $identity$
declare
  adopt constant text := pg_catalog.current_setting('pgnetty.adopt');
  here constant text := net.identity();
  known constant text := (select c.identity from net.bridge_control c);
begin
  if known = here then
    return;
  end if;
  if known is not null and adopt = '' then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'schema "net" of this database comes from another one, by a dump or an upgrade of the cluster',
      hint = 'Say what becomes of the requests that came with it: install --adopt keep sends them, --adopt discard deletes them.';
  end if;

  if known is not null and adopt = 'discard' then
    delete from net.http_request_queue;
    delete from net.dead_letter;
    delete from net.dead_letter_secret;
    delete from net.attempts a
    where not exists (
      select
      from net._http_response r
      where r.id = a.id
    );
  end if;
  delete from net.replicas;
  update net.bridge_control c
  set identity = here;
  -- Sequences and table need not be of one moment: the first bridge counts anew.
  update net.queue_limit l
  set counted = 0,
    counted_id = (
      select case when s.is_called then s.last_value else 0 end
      from net.http_request_queue_id_seq s
    );
  perform pg_catalog.setval('net.limit_id', l.counted_id + l.max_queued)
  from net.queue_limit l;
end
$identity$;

-- Who may do what. PostgreSQL lets PUBLIC execute every new function and use every new type: that is taken back first,
-- then given to the roles that were granted before (they may insert into the queue) and to those named now, in the
-- transaction's setting pgnetty.grantees.
do $privileges$
declare
  owner constant oid := (select nspowner from pg_catalog.pg_namespace where nspname = 'net');
  grantee text;
  item text;
begin
  revoke all on all routines in schema net from public;
  -- Default privileges of the database may have given them to others.
  for grantee in
    select distinct pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee))
    from pg_catalog.pg_proc p,
      pg_catalog.aclexplode(p.proacl) a
    where p.pronamespace = 'net'::regnamespace
      and a.grantee not in (0, owner)
  loop
    execute pg_catalog.format('revoke all on all routines in schema net from %s', grantee);
  end loop;
  for item in
    select pg_catalog.format_type(t.oid, null)
    from pg_catalog.pg_type t
    where t.typnamespace = 'net'::regnamespace
      and t.typname in ('request_status', 'http_response', 'http_response_result')
  loop
    execute pg_catalog.format('revoke all on type %s from public', item);
  end loop;

  for grantee in
    select case a.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end
    from pg_catalog.pg_attribute t,
      pg_catalog.aclexplode(t.attacl) a
    where t.attrelid = 'net.http_request_queue'::regclass
      and t.attname = 'url'
      and a.privilege_type = 'INSERT'
      and a.grantee <> owner
    union
    select case g when 'public' then g else pg_catalog.quote_ident(g) end
    from pg_catalog.unnest(pg_catalog.current_setting('pgnetty.grantees')::text[]) g
  loop
    execute pg_catalog.format('grant usage on schema net to %s', grantee);

    -- Those that people call, and what these call in turn, as the one who calls.
    for item in
      select p.oid::regprocedure
      from pg_catalog.pg_proc p
      where p.pronamespace = 'net'::regnamespace
        and p.proname = any (pg_catalog.current_setting('pgnetty.granted')::text[])
    loop
      execute pg_catalog.format('grant execute on function %s to %s', item, grantee);
    end loop;

    for item in
      select pg_catalog.format_type(t.oid, null)
      from pg_catalog.pg_type t
      where t.typnamespace = 'net'::regnamespace
        and t.typname in ('request_status', 'http_response', 'http_response_result')
    loop
      execute pg_catalog.format('grant usage on type %s to %s', item, grantee);
    end loop;

    execute pg_catalog.format(
      'grant insert (method, url, headers, body, timeout_milliseconds) on net.http_request_queue to %s', grantee);
    execute pg_catalog.format(
      'grant select (id), insert (method, url, headers, body, timeout_milliseconds, max_attempts, not_before, priority, rank,'
        || ' dedupe_key, fingerprint, fire_and_forget, keep_failed) on net.new_request to %s',
      grantee
    );
    execute pg_catalog.format(
      'grant select (cancelled), insert (ids, host, since, error, until) on net.cancellation to %s', grantee);
    execute pg_catalog.format(
      'grant select (new_ids), insert (ids, host, since, error, until) on net.redelivery to %s', grantee);
    execute pg_catalog.format(
      'grant select (same_id, unsure), insert (key, fingerprint) on net.key_lookup to %s', grantee);
    execute pg_catalog.format('grant select on sequence net.limit_id, net.http_request_queue_id_seq to %s', grantee);
    execute pg_catalog.format('grant select on net.my_requests, net._http_response, net.dead_letter, net.attempts to %s', grantee);
  end loop;
end
$privileges$;
commit;
