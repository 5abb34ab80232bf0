-- How many requests are in the queue. Reads the table's primary key, an index: the bench's own.
select count(*) as waiting
from net.http_request_queue q
