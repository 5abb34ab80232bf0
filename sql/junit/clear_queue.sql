-- Drops all requests: the next test has none of this one's. Those that are being sent are sent. Index: none, the table is emptied.
delete from net.http_request_queue
