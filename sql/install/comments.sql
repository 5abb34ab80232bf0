-- What people see of schema net in psql (\df+, \d+) and in other tools: each function that they may call, and what they may read. Only what
-- differs is written: a comment on a table waits for a vacuum of it.
do $comments$
declare
  item record;
begin
  for item in
    select k.kind, p.oid::regprocedure::text as name, k.comment
    from (
      values
        ('function', '_http_collect_response', 'The result of a request; http_get_result under a name of pg_net''s.'),
        ('function', '_urlencode_string', 'Percent-encodes a text, as pg_net has it.'),
        ('function', '_encode_url_with_params_array', 'Appends encoded parameters to a URL, as pg_net has it.'),
        ('function', 'caller', 'The role that counts as the one who queues: the effective role where the call is made.'),
        ('function', 'allow_secret', 'Lets roles use a secret of the bridges in what they send to the hosts of a pattern. Owner only.'),
        ('function', 'cancel', 'Cancels a request that is not being sent. True: it will not be sent (again).'),
        ('function', 'cancel_where', 'Cancels those of your requests that are not being sent and match every argument given; returns how many.'),
        ('function', 'check_worker_is_up', 'Raises an error when no bridge serves this database.'),
        ('function', 'create_webhook', 'Calls a URL when rows of a table change, after the commit, at least once. For the table''s owner.'),
        ('function', 'disable_webhook', 'Sends no changes of the table until net.enable_webhook, and not later either.'),
        ('function', 'disallow_secret', 'Takes back what net.allow_secret has said. Owner only.'),
        ('function', 'discard', 'Drops a dead letter. True: there was one.'),
        ('function', 'drop_host_rule', 'Takes the rule of a host pattern back. Owner only.'),
        ('function', 'drop_role_rule', 'Takes the rule of a role back. Owner only.'),
        ('function', 'drop_webhook', 'Drops a webhook: its triggers and their function.'),
        ('function', 'enable_webhook', 'Ends what net.disable_webhook began.'),
        ('function', 'http_collect_response', 'The result of a request; http_get_result under a name of pg_net''s.'),
        ('function', 'http_delete', 'Queues a DELETE request and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_get', 'Queues a GET request and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_get_result', 'The result of a request: SUCCESS for any HTTP answer, ERROR with the reason, or PENDING. async := false waits for it.'),
        ('function', 'http_patch', 'Queues a PATCH request with a JSON body and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_post', 'Queues a POST request with a JSON body and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_put', 'Queues a PUT request with a JSON body and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_request', 'Queues a request with any method, body and delivery options, and returns its id. It is sent when the transaction commits.'),
        ('function', 'http_request_status', 'Where a request is: queued, scheduled, blocked, in_flight, retrying, succeeded, failed, dead, cancelled or unknown.'),
        ('function', 'pause', 'Sends nothing more to the hosts of a pattern until resume. Owner only.'),
        ('function', 'redeliver', 'Queues a dead letter again and returns the new id; null if there is none.'),
        ('function', 'redeliver_where', 'Queues those of your dead letters again that match every argument given; returns how many.'),
        ('function', 'replay', 'Sends again what a webhook has sent and is kept (keep_sent), and its dead letters; returns how many.'),
        ('function', 'resume', 'Ends the pauses of a pattern and of all that it covers. Owner only.'),
        ('function', 'set_host_rule', 'Limits what is sent to the hosts of a pattern, over all bridges together. Owner only.'),
        ('function', 'set_keep_request', 'Keeps what is sent with each response, for net.requests. Owner only.'),
        ('function', 'set_role_rule', 'Limits what a role may queue and have sent, over all bridges together. Owner only.'),
        ('function', 'version', 'The version of pgnetty that installed schema net.'),
        ('function', 'wait_until_running', 'Waits until a bridge serves this database, one minute at most.'),
        ('function', 'wake', 'Makes the bridges poll the queue when this transaction commits. Inserts do so by themselves.'),
        ('function', 'worker_restart', 'Makes the bridges reconnect and read their rules again, once in 10 s at most.')
    ) k (kind, name, comment)
    join pg_catalog.pg_proc p on p.proname = k.name and p.pronamespace = 'net'::regnamespace
    where pg_catalog.obj_description(p.oid, 'pg_proc') is distinct from k.comment
    union all
    select k.kind, pg_catalog.format('net.%I', k.name), k.comment
    from (
      values
        ('table', 'http_request_queue', 'Requests that wait or are being sent. Insert into it, or call net.http_post and its like; read net.my_requests.'),
        ('table', '_http_response', 'Responses, kept for --response-ttl. You see those of your own requests.'),
        ('table', 'dead_letter', 'Requests whose attempts are spent, kept for --dead-letter-ttl. See net.redeliver.'),
        ('table', 'attempts', 'Each attempt at a request: when, how long, with what result.'),
        ('table', 'callback', 'Functions of on_response that are to be called, or failed: error_msg says why.'),
        ('table', 'sent_request', 'Requests kept after success for keep_sent. See net.replay.'),
        ('table', 'bridges', 'The bridges that serve this database, with the time they were last seen.'),
        ('table', 'lease', 'Which bridge holds which requests, and until when.'),
        ('table', 'host_rule', 'Limits for hosts. Change them with net.set_host_rule.'),
        ('table', 'role_rule', 'Limits for roles. Change them with net.set_role_rule.'),
        ('table', 'secret_rule', 'Who may use which secret for which hosts; no secret is in it. Change it with net.allow_secret.'),
        ('table', 'paused', 'Host patterns to which nothing is sent. Change them with net.pause and net.resume.'),
        ('table', 'hosts', 'What is known of hosts: rate limit and circuit breaker.'),
        ('table', 'egress_rules', 'Egress rules that bridges have had lately.'),
        ('table', 'schema_step', 'The steps that this schema has taken. Do not change it.'),
        ('view', 'my_requests', 'Your requests that wait or are being sent, with credentials masked.'),
        ('view', 'my_waits', 'What your requests wait for, and which bridge sends them: part of net.requests.'),
        ('view', 'my_request_ids', 'The ids of your requests that wait or are being sent.'),
        ('view', 'requests', 'Your requests, queued and answered, one row each: what was sent, and what came back.'),
        ('view', 'webhooks', 'The webhooks on tables that you own.'),
        ('view', 'effective_host_rule', 'What each rule of net.host_rule comes to.'),
        ('view', 'monitor_queue', 'All requests that wait, without what they send. For install --monitor.'),
        ('view', 'monitor_responses', 'All responses, without what was received. For install --monitor.'),
        ('view', 'monitor_dead_letters', 'All dead letters, without what they would send. For install --monitor.'),
        ('view', 'monitor_attempts', 'All attempts, without error texts. For install --monitor.'),
        ('type', 'request_status', 'PENDING, SUCCESS or ERROR, as in pg_net.'),
        ('type', 'http_response', 'Status code, headers and body of a response, as in pg_net.'),
        ('type', 'http_response_result', 'What net.http_get_result returns, as in pg_net.')
    ) k (kind, name, comment)
    where pg_catalog.obj_description(
      case k.kind when 'type' then pg_catalog.to_regtype('net.' || k.name)::oid else pg_catalog.to_regclass('net.' || k.name)::oid end,
      case k.kind when 'type' then 'pg_type' else 'pg_class' end
    ) is distinct from k.comment
  loop
    execute pg_catalog.format('comment on %s %s is %L', item.kind, item.name, item.comment);
  end loop;
end
$comments$;
