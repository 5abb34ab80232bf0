-- Which secrets of the bridges a role may have sent to which hosts. The secrets themselves are in no table: a request names them.
create table if not exists net.secret_rule (
  name text,
  host_pattern text,
  use text check (use in ('header', 'signing')),
  -- Members of these, too. Names in a dump, where numbers would be other roles.
  roles regrole[] not null,
  plain_http boolean not null,
  set_by regrole not null,
  since timestamptz not null default pg_catalog.clock_timestamp(),
  primary key (name, host_pattern, use)
);

perform net.keep_private('{net.secret_rule}');

-- The secret that signs a request; null for none.
alter table net.http_request_queue add column if not exists sign_with text;
alter table net.dead_letter add column if not exists sign_with text;

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
  q.state,
  q.sign_with
from net.http_request_queue q
where false;

-- They have one more argument, or column, now.
perform net.retire(
  'net.http_request(text, text, jsonb, jsonb, jsonb, integer, text, bytea, integer, timestamptz, integer, text, boolean, boolean)',
  14);
drop function if exists net.claim_due(
  integer, interval, uuid, bigint, bigint, integer, integer, oid, oid[], text[], oid[], integer[], integer[], text[]);
