-- Whether the connection is alive, both ways.
select 1 as pong /* listen pgnetty: alive */
