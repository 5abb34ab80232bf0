-- Logged tables lose nothing at a crash; unlogged ones are faster and are emptied by it, as pg_net's are. The transaction's
-- setting pgnetty.unlogged says which is wanted; empty keeps what is there. A change rewrites both tables under an
-- exclusive lock. The ids' sequence stays logged either way, so that an id is never given twice.
do $persistence$
declare
  wanted text := pg_catalog.current_setting('pgnetty.unlogged');
  relation regclass;
begin
  if wanted = '' then
    return;
  end if;
  for relation in
    select c.oid
    from pg_catalog.pg_class c
    where c.oid in ('net.http_request_queue'::regclass, 'net._http_response'::regclass)
      and (c.relpersistence = 'u') <> wanted::boolean
  loop
    execute pg_catalog.format(
      'alter table %s set %s', relation, case when wanted::boolean then 'unlogged' else 'logged' end);
  end loop;
  if wanted::boolean then
    alter sequence net.http_request_queue_id_seq set logged;
    alter sequence net.known_id set logged;
  end if;
end
$persistence$;
