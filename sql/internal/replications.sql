-- API: private
-- What copies tables of schema net to another database, or from one, in words for whoever installs: the changes of a queue have
-- header values and bodies in them, and a bridge at the other end would send each request a second time.
-- Indexes: none, there are few publications and subscriptions.
create or replace function net.replications()
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'publication "%s" sends the changes of schema net, with header values and bodies: publish the schemas that are to be copied '
      || '(for tables in schema public), not all tables',
    p.pubname
  )
  from pg_publication p
  where p.puballtables
    or exists (
      select
      from pg_publication_namespace n
      where n.pnpubid = p.oid
        and n.pnnspid = 'net'::regnamespace
    )
    or exists (
      select
      from pg_publication_rel r
      join pg_class c on c.oid = r.prrelid
      where r.prpubid = p.oid
        and c.relnamespace = 'net'::regnamespace
    )
  union all
  select distinct format(
    'subscription "%s" fills tables of schema net from another database, whose bridges send what is in them: leave the schema out of its '
      || 'publication, then: alter subscription %I refresh publication',
    s.subname, s.subname
  )
  from pg_subscription s
  join pg_subscription_rel r on r.srsubid = s.oid
  join pg_class c on c.oid = r.srrelid
  where c.relnamespace = 'net'::regnamespace;
$$;
