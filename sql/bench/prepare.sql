-- The table of the queue once more, with its indexes and no triggers: what an insert costs by itself.
create table net.bench_plain (like net.http_request_queue including all)
