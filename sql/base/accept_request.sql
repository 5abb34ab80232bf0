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
declare
  copied boolean;
  is_given boolean;
  drawn bigint;
begin
  new.host := net.plain_host(
    new.method, new.url, new.headers, new.timeout_milliseconds, new.max_attempts, new.priority, new.due_at, new.dedupe_key);
  if new.host is not null
    and pg_catalog.current_setting('session_replication_role') operator(pg_catalog.=) 'origin'
    and new.queued_by operator(pg_catalog.=) net.caller()
    and new.created operator(pg_catalog.>) (pg_catalog.clock_timestamp() operator(pg_catalog.-) interval '100 ms')
    and new.created operator(pg_catalog.<=) new.rank
    and new.rank operator(pg_catalog.<=) pg_catalog.clock_timestamp()
    and new.attempt operator(pg_catalog.=) 0
    and new.failures operator(pg_catalog.=) 0
    and new.losses operator(pg_catalog.=) 0::smallint
    and new.idempotency_key is null
    and new.state operator(pg_catalog.=) 'due'
    and new.error_msg is null
    and new.fire_and_forget is not null
    and new.keep_failed is not null
    and pg_catalog.num_nonnulls(new.sign_with, new.ordering_id, new.on_dead, new.on_response, new.notify_channel) operator(pg_catalog.=) 0
    and (
      pg_catalog.num_nonnulls(new.ordering_key, new.keep_sent) operator(pg_catalog.=) 0
      or net.plain_options(new.ordering_key, new.keep_sent)
    )
    and (
      new.webhook is null
      or pg_catalog.length(new.webhook) operator(pg_catalog.>=) 1 and pg_catalog.length(new.webhook) operator(pg_catalog.<=) 63
    )
    and new.id operator(pg_catalog.=) pg_catalog.currval('net.http_request_queue_id_seq')
    and new.id operator(pg_catalog.<=) pg_catalog.pg_sequence_last_value('net.limit_id')
    and pg_catalog.pg_sequence_last_value('net.role_limits') operator(pg_catalog.=) 0
    and new.id operator(pg_catalog.>) pg_catalog.pg_sequence_last_value('net.known_id')
  then
    if coalesce(pg_catalog.current_setting('net.traceparent', true), '') operator(pg_catalog.<>) '' then
      new.headers := net.traced(new.headers);
    end if;
    if new.ordering_key is not null then
      new.state := 'ordered';
      new.ordering_id := new.id;
    end if;
    return new;
  end if;

  -- A row with an id that this session has not drawn, from an apply worker or, made before now, from a restore by the owner, is a copy of
  -- what another database holds. It is kept as it is, and nothing is claimed until install --adopt.
  if pg_catalog.current_setting('session_replication_role') operator(pg_catalog.=) 'replica'
    or net.is_owner()
      and (
        new.created operator(pg_catalog.<) (pg_catalog.clock_timestamp() operator(pg_catalog.-) interval '1 s')
        or new.created operator(pg_catalog.>) pg_catalog.clock_timestamp()
      )
  then
    begin
      copied := new.id operator(pg_catalog.<>) pg_catalog.currval('net.http_request_queue_id_seq');
    exception
      when object_not_in_prerequisite_state then
        copied := true;
    end;
    if copied then
      new.host := net.host_of(new.url);
      update net.bridge_control c
      set identity = 'copied'
      where c.identity operator(pg_catalog.<>) 'copied';
      return new;
    end if;
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
  new.error_msg := null;
  new := net.check_request(new);
  if new.error_msg is not null then
    raise exception using errcode = 'invalid_parameter_value', message = new.error_msg;
  end if;
  if coalesce(pg_catalog.current_setting('net.traceparent', true), '') operator(pg_catalog.<>) '' then
    new.headers := net.traced(new.headers);
  end if;
  is_given := new.id operator(pg_catalog.<=) pg_catalog.pg_sequence_last_value('net.known_id');
  if is_given
    or new.id operator(pg_catalog.>) pg_catalog.pg_sequence_last_value('net.limit_id')
    or pg_catalog.pg_sequence_last_value('net.role_limits') operator(pg_catalog.>) 0
  then
    -- Another id, where the ids were set back or others overtook this one. It is above what was known before it was drawn; what is known by
    -- now may be above it again. In replica mode nobody gives one.
    insert into net.room_check (id)
    values (new.id)
    returning id into drawn;
    if is_given and drawn operator(pg_catalog.=) new.id then
      raise exception using
        errcode = 'object_not_in_prerequisite_state',
        message = 'the ids of net.http_request_queue were set back, to some that are given already',
        hint = 'pgnetty install moves them on, and so does the first call of a session that is not in replica mode.';
    end if;
    new.id := drawn;
  end if;
  new.ordering_id := case when new.ordering_key is not null then new.id end;
  return new;
end
$$;
