-- API: helper
-- Says in error_msg why a request could never be sent; puts what is pasted from elsewhere into its place (user and password of a URL,
-- headers of a connection), and stamps its host, its state and when it is due. Through net.new_request a call
-- says when it is sent at the earliest (due_at), and that its key must be looked at first (state keyed, see net.look_up_key). Its place in the
-- order of its ordering_key is stamped by the gate, when its id is final.
create or replace function net.check_request(request net.http_request_queue)
returns net.http_request_queue
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
  credentials text;
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
  -- A row of a webhook without a key is in no order: who writes it is not to be stopped.
  if request.webhook is not null and request.ordering_key is null then
    request.on_dead := null;
  end if;
  request.headers := net.without_hop_headers(request.headers);
  credentials := net.user_info(request.url);
  if credentials is not null then
    request.url := net.without_user_info(request.url);
    if credentials <> '' and jsonb_typeof(request.headers) = 'object' and not net.has_header(request.headers, 'authorization') then
      -- One that is null is left out.
      request.headers := request.headers
        - coalesce(
          (
            select array_agg(key)
            from jsonb_object_keys(request.headers) key
            where lower(key collate "C") = 'authorization'
          ),
          '{}'
        )
        || jsonb_build_object(
          'Authorization',
          -- With a secret in it, which the bridge puts there, the bridge encodes it.
          case
            when strpos(credentials, '{{secret:') > 0
            then concat(
              'Basic ', convert_from(decode(substr(net.basic_credentials(credentials), 7), 'base64'), 'UTF8'),
              case when regexp_replace(credentials, '[{][{]secret:[^}]*[}][}]', '', 'g') !~ ':' then ':' end)
            else net.basic_credentials(credentials)
          end
        );
    end if;
  end if;
  problem := case
    when getdatabaseencoding() = 'SQL_ASCII'
      and not net.is_utf8(
        convert_to(concat(request.method, request.url, request.headers::text, request.dedupe_key, request.ordering_key), 'SQL_ASCII'))
    then 'method, url, headers and keys must be valid UTF-8'
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
      when not isfinite(request.due_at) then format('not_before must be a time, not %s', request.due_at)
      when request.due_at > request.created + interval '1 year' then
        format('not_before must be at most a year ahead, not %s', request.due_at)
      when request.sign_with !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' then
        'sign_with must be a secret''s name of 1 to 128 letters, digits, dots, hyphens and underscores'
      when length(request.dedupe_key) not between 1 and 512 then
        format('idempotency_key must have 1 to 512 characters, not %s', length(request.dedupe_key))
      when length(request.ordering_key) not between 1 and 512 then
        format('ordering_key must have 1 to 512 characters, not %s', length(request.ordering_key))
      when request.on_dead not in ('skip', 'halt') then format('on_dead must be skip or halt, not %s', to_json(request.on_dead))
      when request.on_dead = 'halt' and request.ordering_key is null then 'on_dead => ''halt'' holds up an ordering_key: give one'
      when request.on_dead = 'halt' and request.keep_failed is not true then
        'on_dead => ''halt'' waits for a dead letter to be redelivered or discarded: it needs keep_failed'
      when octet_length(request.notify_channel) not between 1 and 63 then
        format('notify_channel must have 1 to 63 bytes, not %s', octet_length(request.notify_channel))
      when request.notify_channel ilike 'pgnetty%' then 'notify_channel must be a channel of yours: those that begin with pgnetty are the bridges'''
      when request.keep_sent not between '1 second' and '366 days' then
        format('keep_sent must be from a second to a year, not %s', request.keep_sent)
      when length(request.webhook) not between 1 and 63 then 'webhook is the name of one'
      when not net.is_callback(request.on_response) then 'on_response must be a function of one bigint in a schema of yours, such as app.done(bigint)'
      -- A webhook's was asked when it was made: who writes to its table is not to be stopped by bridges that are away.
      when request.on_response is not null and request.webhook is null then net.callback_problem(request.on_response)
    end
  );
  if problem is not null then
    -- For the gate to raise: each function between is a line in the error's CONTEXT.
    request.error_msg := problem;
    return request;
  end if;
  if getdatabaseencoding() not in ('UTF8', 'SQL_ASCII') then
    -- The bridge reads in UTF-8: a letter that has no place there fails here, and not the claim.
    perform convert_to(request.url || request.headers::text, 'UTF8');
  end if;

  request.host := net.host_of(request.url);
  request.fire_and_forget := coalesce(request.fire_and_forget, false);
  request.keep_failed := coalesce(request.keep_failed, false);
  if request.on_dead = 'skip' then
    request.on_dead := null;
  end if;
  if request.due_at <= request.created then
    request.due_at := null;
  end if;
  request.state := case
    when request.state = 'keyed' and request.dedupe_key is not null then 'keyed'
    when request.ordering_key is not null then 'ordered'
    when request.due_at is not null then 'waiting'
    else 'due'
  end;
  request.rank := coalesce(request.due_at, request.created) - request.priority * interval '10 seconds';
  return request;
end
$$;
