-- A database of the bench's own, so that no request of anybody's is sent and no table of anybody's grows. No index.
create database pgnetty_bench
