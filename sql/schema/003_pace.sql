-- Pace: who is on duty for the bell.

-- One row: the bridge that looks at the queue while senders are quiet, and until when, unless it says so again. A table of
-- its own, as no call locks it that a role can make.
create table net.duty (
  only_row boolean primary key default true check (only_row),
  replica uuid,
  until timestamptz not null default '-infinity'
) with (fillfactor = 50);

insert into net.duty default values;

-- As in the first step, for the tables of this one.
do $own$
declare
  item record;
begin
  for item in
    select c.oid::regclass as relation, a.grantee
    from pg_catalog.pg_class c,
      pg_catalog.aclexplode(c.relacl) a
    where c.oid in ('net.duty'::regclass)
      and a.grantee <> c.relowner
  loop
    execute pg_catalog.format(
      'revoke all on %s from %s',
      item.relation,
      case when item.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) end
    );
  end loop;
end
$own$;
