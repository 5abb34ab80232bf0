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
      message = format('cannot wait for a response in a %s transaction: it does not see what is committed later', current_setting('transaction_isolation')),
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
    -- Where both are there, the ids were set back, and this is the answer of an older request.
    left join net._http_response r on r.id = wanted.id and q.id is null;

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
      return (
        'ERROR',
        format('request %s not found', coalesce(request_id::text, 'null'))
          || case
            -- Not in a function of another's.
            when current_user = coalesce(nullif(current_setting('role'), 'none'), session_user) then ''
            else format(
              ' among those of role "%s": a security definer function sees what its owner queued, and roles that the owner is a member of',
              current_user
            )
          end,
        null
      )::net.http_response_result;
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
        format('request is still under way after %s ms', round(wait_milliseconds)::bigint)
          || case
            when request.status = 'blocked' then coalesce(
              ': it waits for ' || (
                select w.waits_for
                from net.my_waits w
                where w.id = request_id
                limit 1
              ),
              ''
            )
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
