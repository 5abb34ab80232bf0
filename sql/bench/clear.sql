-- The tables of the bench as they were at first.
truncate net._http_response, net.bench_plain
