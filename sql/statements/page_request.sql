-- The whole history of a request, for the page, as one JSON object: what is queued, each attempt, the response, the dead letter. Credentials are
-- masked, and of bodies there are the first 4,096 characters or bytes. Ids of several roles may be the same: each has its own.
-- Indexes: the primary keys.
select jsonb_build_object(
  'queued', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'role', q.queued_by::regrole::text, 'method', q.method, 'url', q.url, 'headers', net.mask_headers(q.headers),
      'body_bytes', octet_length(q.body), 'created', q.created, 'not_before', q.due_at, 'attempt', q.attempt, 'failures', q.failures,
      'max_attempts', q.max_attempts, 'timeout_milliseconds', q.timeout_milliseconds, 'priority', q.priority, 'error', q.error_msg,
      'state', q.state
    )), '[]')
    from net.http_request_queue q
    where q.id = $1
  ),
  'attempts', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'role', a.queued_by::regrole::text, 'attempt', a.attempt, 'started', a.started, 'duration_ms', a.duration_ms,
      'status_code', a.status_code, 'failure', a.failure, 'error', a.error_msg, 'bridge', a.bridge
    ) order by a.started, a.attempt), '[]')
    from net.attempts a
    where a.id = $1
  ),
  'responses', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'role', r.queued_by::regrole::text, 'created', r.created, 'status_code', r.status_code, 'headers', net.mask_headers(r.headers),
      'content', left(r.content, 4096), 'content_bytes', octet_length(coalesce(r.content_bytes, convert_to(r.content, 'UTF8'))),
      'is_text', r.content_bytes is null, 'timed_out', r.timed_out, 'error', r.error_msg, 'cancelled', r.cancelled, 'same_as', r.same_as
    )), '[]')
    from net._http_response r
    where r.id = $1
  ),
  'dead', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'role', d.queued_by::regrole::text, 'method', d.method, 'url', d.url, 'headers', d.headers, 'body_bytes', octet_length(d.body),
      'created', d.created, 'died', d.died, 'status_code', d.status_code, 'failures', d.failures, 'max_attempts', d.max_attempts,
      'error', d.error_msg
    )), '[]')
    from net.dead_letter d
    where d.id = $1
  )
)::text as request
