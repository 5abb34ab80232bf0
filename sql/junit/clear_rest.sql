-- Drops what came back, dead letters, what is kept of requests, what is known of hosts, and their pauses. Indexes: none, each table is emptied.
delete from net._http_response;
delete from net.dead_letter;
delete from net.sent_request;
delete from net.attempts;
delete from net.hosts;
delete from net.paused
