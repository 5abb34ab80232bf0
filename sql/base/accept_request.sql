-- API: private
-- The gate into the queue, for INSERT, for COPY and for the functions: refuses what could never be sent, and stamps what the
-- sender does not decide. Runs as who queues and pins no search_path, as each sender pays for each step here: so its names are
-- qualified, and it calls what was parsed when it was installed. What needs no more than a look is let through by that.
create or replace function net.accept_request()
returns trigger
language plpgsql
as $$
begin
  new.host := net.plain_host(
    new.method, new.url, new.headers, new.timeout_milliseconds, new.max_attempts, new.priority, new.lease_until, new.dedupe_key);
  if new.host is null then
    new := net.check_request(new);
  end if;
  if new.id operator(pg_catalog.>) pg_catalog.pg_sequence_last_value('net.limit_id') then
    perform net.check_limit();
  end if;
  return new;
end
$$;
