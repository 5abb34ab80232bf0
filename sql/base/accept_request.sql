-- API: private
-- The gate into the queue, for INSERT, for COPY and for the functions: refuses what could never be sent, and stamps what the
-- sender does not decide, whatever the row says. Stamped here and not by column defaults: a view of the sender's own can have
-- other defaults, and PostgreSQL asks for no right on a column that a default fills.
-- Runs as who queues, which is the one that is stamped, and pins no search_path, as each sender pays for each step here: so
-- its names are qualified, and it calls what was parsed when it was installed. What needs no more than a look is let through
-- by that.
create or replace function net.accept_request()
returns trigger
language plpgsql
as $$
begin
  new.queued_by := net.caller();
  new.created := pg_catalog.clock_timestamp();
  new.idempotency_key := pg_catalog.gen_random_uuid();
  new.attempt := 0;
  new.failures := 0;
  new.losses := 0;
  new.replica := null;
  new.error_msg := null;
  new.home_host := null;
  new.host := net.plain_host(
    new.method, new.url, new.headers, new.timeout_milliseconds, new.max_attempts, new.priority, new.lease_until, new.dedupe_key);
  if new.host is null or new.fire_and_forget is null or new.keep_failed is null then
    new := net.check_request(new);
  else
    new.rank := new.created;
  end if;
  -- The one that the table gave.
  if new.id operator(pg_catalog.<>) pg_catalog.currval('net.http_request_queue_id_seq') then
    raise exception using errcode = 'generated_always', message = 'id is given by net.http_request_queue alone';
  end if;
  if new.id operator(pg_catalog.>) pg_catalog.pg_sequence_last_value('net.limit_id') then
    perform net.check_limit();
  end if;
  return new;
end
$$;
