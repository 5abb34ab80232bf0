-- Notifies bridge $1 that LISTEN works for it, from another session than the one that listens: a pooler in transaction mode may take LISTEN, but brings
-- nothing. The other bridges take no notice.
select pg_notify('pgnetty', 'check ' || $1::text)
