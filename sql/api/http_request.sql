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
  -- While a request of this role with this key is queued or a dead letter, or its response is kept, the same call returns its id.
  idempotency_key text default null,
  -- A secret of the bridges that net.allow_secret allows for signing: signed as Standard Webhooks say.
  sign_with text default null,
  -- No response is kept when it succeeds.
  fire_and_forget boolean default false,
  -- If it fails for good, the whole request is kept in net.dead_letter; null means true if max_attempts is above 1.
  keep_failed boolean default null,
  -- Requests of this role with this key are sent one at a time, in the order of their ids.
  ordering_key text default null,
  -- What those behind it do when it is a dead letter: skip it, or halt until it is redelivered, discarded or expired.
  on_dead text default 'skip',
  -- A function of one bigint, called with the id when the response is there, as the role of the bridges' --callback-url.
  on_response regprocedure default null,
  -- Notified with the id when the response is there: listen on it.
  notify_channel text default null,
  -- If it succeeds, the whole request is kept in net.sent_request for that long.
  keep_sent interval default null,
  -- Its headers, credentials masked, and its body are kept with the response: net.requests. Null: as net.set_keep_request says.
  keep_request boolean default null
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
  forget constant boolean := coalesce(fire_and_forget, false);
  keep constant boolean := coalesce(keep_failed, attempts > 1);
  -- The default is written as null, which a request passes by the short way.
  dead constant text := nullif(on_dead, 'skip');
  sent_body bytea;
  sent_headers jsonb;
  request_fingerprint bytea;
  unsure boolean;
  -- keyed where a bridge must look at the key, see net.look_up_key.
  state text := 'due';
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
    request_fingerprint := net.fingerprint(method, net.without_user_info(full_url), sent_body);
    insert into net.key_lookup as k (key, fingerprint) values (idempotency_key, request_fingerprint)
    returning k.same_id, k.unsure into request_id, unsure;
    if request_id is not null then
      return request_id;
    end if;
    -- In replica mode no trigger looks: the bridge does.
    if unsure or current_setting('session_replication_role') = 'replica' then
      state := 'keyed';
    end if;
  end if;

  -- Short, as it is in the CONTEXT of each error.
  insert into net.new_request (method, url, headers, body, timeout_milliseconds, max_attempts, not_before, priority, state, dedupe_key,
    fingerprint, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead, on_response, notify_channel, keep_sent, keep_request)
  values (method, full_url, sent_headers, sent_body, timeout_milliseconds, attempts, not_before, level, state, idempotency_key,
    request_fingerprint, sign_with, forget, keep, ordering_key, dead, on_response::text, notify_channel, keep_sent, keep_request) returning id into request_id;
  return request_id;
end
$$;
