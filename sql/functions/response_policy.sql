-- A role sees the responses to what it, or a role that it is a member of, has queued. The caller is looked up once a
-- query, not once a row.
do $$
begin
  if not exists (
    select
    from pg_catalog.pg_policy
    where polrelid = 'net._http_response'::regclass
      and polname = 'own'
  ) then
    create policy own on net._http_response
    for select
    using (pg_catalog.pg_has_role((select net.caller()), queued_by, 'member') or (select net.is_owner()));
  end if;
end
$$;
