-- A session in replica mode queues as any other: an apply worker whose triggers call net.http_post, a load with
-- session_replication_role = replica. Triggers of views cannot be made to fire there: such a session is not held to --max-queued,
-- and net.cancel and net.redeliver do nothing in it.

alter table net.http_request_queue enable always trigger accept_request;
alter table net.http_request_queue enable always trigger notify_bridges;
alter table net.role_rule enable always trigger count_limits;
