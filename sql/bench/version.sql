-- The server's version. No index.
select current_setting('server_version') as version
