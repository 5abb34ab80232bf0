-- Drops all requests, responses and dead letters, and what is known of hosts: the next test has none of this one's.
-- Indexes: none, each table is emptied.
delete from net.http_request_queue;
delete from net._http_response;
delete from net.dead_letter;
delete from net.sent_request;
delete from net.attempts;
delete from net.hosts
