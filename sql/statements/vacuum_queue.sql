-- Makes the room of requests that are done available to new ones, more often than autovacuum, whose naptime is a minute.
-- Waits for no lock and gives none of the file back, which would need a lock that senders wait for; and starts no workers, as
-- autovacuum does not. Indexes: all of the tables'.
vacuum (skip_locked, truncate false, parallel 0) net.http_request_queue, net.ordering_turn
