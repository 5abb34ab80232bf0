-- API: private
-- The gate into the queue, for INSERT, for COPY and for the functions: refuses what could never be sent, and stamps what the
-- sender does not decide. What net.http_post and net.http_get have checked and stamped has a host already, and does not come
-- by here.
-- Columns that nobody was granted are set by our functions alone: when a request is due (lease_until), and, where a dead
-- letter comes back, who queued it and its Idempotency-Key. What is set is left as it is.
create or replace function net.accept_request()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  -- As the column's not-null constraint would say it, but without the row, which may hold credentials.
  if new.url is null or new.method is null or new.headers is null or new.timeout_milliseconds is null then
    raise exception using
      errcode = 'not_null_violation',
      message = format(
        'null value in column "%s" of relation "http_request_queue" violates not-null constraint',
        case
          when new.url is null then 'url'
          when new.method is null then 'method'
          when new.headers is null then 'headers'
          else 'timeout_milliseconds'
        end
      );
  end if;
  problem := case
    when new.method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE') then null
    when length(new.method) > 64 then 'method is longer than 64 characters'
    when new.method !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$' then
      'method must be an HTTP method token, such as GET or PROPFIND, without spaces'
    when upper(new.method) = 'CONNECT' then
      'method CONNECT asks a proxy for a tunnel and cannot be sent as a request'
  end;
  problem := coalesce(problem, net.url_problem(new.url));
  if problem is null and new.headers <> '{}' and new.headers <> '{"Content-Type": "application/json"}' then
    problem := net.headers_problem(new.headers);
  end if;
  if problem is null and new.timeout_milliseconds not between 1 and 3600000 then
    problem := format('timeout_milliseconds must be from 1 to 3600000 (one hour), not %s', new.timeout_milliseconds);
  end if;
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  if getdatabaseencoding() not in ('UTF8', 'SQL_ASCII') then
    -- The bridge reads in UTF-8: a letter that has no place there fails here, and not the claim.
    perform convert_to(new.url || new.headers::text, 'UTF8');
  end if;

  new.host := net.host_of(new.url);
  new.queued_by := coalesce(new.queued_by, net.caller());
  if new.queued_by is null then
    raise exception using
      errcode = 'undefined_object',
      message = format('the role of this session ("%s") has been renamed or dropped', current_setting('role')),
      hint = 'Set the role again.';
  end if;
  new.created := clock_timestamp();
  new.idempotency_key := coalesce(new.idempotency_key, gen_random_uuid());
  new.attempt := 0;
  new.failures := 0;
  new.replica := null;
  new.error_msg := null;
  -- One that waits for a look at its key ('-infinity') has its time in its rank already.
  if new.lease_until is distinct from '-infinity' then
    if new.lease_until <= new.created then
      new.lease_until := null;
    end if;
    new.rank := coalesce(new.lease_until, new.created) - new.priority * interval '10 seconds';
  end if;
  if new.id > pg_sequence_last_value('net.limit_id') then
    perform net.check_room(1);
  end if;
  return new;
end
$$;
