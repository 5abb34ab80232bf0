-- API: owner
-- Lets roles use a secret of the bridges (--secrets-dir, PGNETTY_SECRET_NAME) in what they send to the hosts of a pattern. Nobody may use one
-- before. What was said for the same name, pattern and use is replaced. Asked at each send, so it holds as soon as it is
-- committed. Granted to nobody: the owner's. Index: the primary key.
create or replace function net.allow_secret(
  name text,
  -- A host, *.example.com, or *, each with :port if wanted.
  host_pattern text,
  -- Members of these may, too.
  roles name[],
  -- header: in the value of a header, or in the URL's query; signing: as sign_with.
  use text default 'header',
  -- Also over http, where everybody on the way reads it.
  plain_http boolean default false
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  unknown constant text := (
    select string_agg(to_json(r.role::text)::text, ', ')
    from unnest(roles) r (role)
    where r.role is null or to_regrole(quote_ident(r.role::text)) is null
  );
  problem constant text := case
    when name is null or name !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' then
      format('name must have 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or a digit, not %s', coalesce(to_json(left(name, 200))::text, 'null'))
    when host_pattern is null then 'host_pattern must not be null: ''*'' means all'
    when coalesce(cardinality(roles), 0) = 0 then 'roles must name one role at least'
    when unknown is not null then format('role %s does not exist', unknown)
    when use is null or use not in ('header', 'signing') then
      format('use must be header or signing, not %s', coalesce(to_json(use)::text, 'null'))
    when plain_http is null then 'plain_http must not be null'
  end;
begin
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  insert into net.secret_rule as r (name, host_pattern, use, roles, plain_http, set_by)
  values (
    name,
    net.host_pattern(host_pattern),
    use,
    array(select to_regrole(quote_ident(g.role::text)) from unnest(roles) g (role)),
    plain_http,
    net.caller()
  )
  on conflict on constraint secret_rule_pkey do update
  set roles = excluded.roles,
    plain_http = excluded.plain_http,
    set_by = excluded.set_by,
    since = clock_timestamp();
end
$$;
