-- A copy of the queue's table with its indexes and no triggers: what a plain insert costs.
create table net.bench_plain (like net.http_request_queue including all)
