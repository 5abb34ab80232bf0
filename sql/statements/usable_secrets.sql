-- Which of the secrets $1 a request that role $2 has queued may have sent to host $3, for use $4; $5 where that goes over plain http. A
-- superuser may use each that somebody may.
-- Index: secret_rule_pkey.
select distinct r.name
from net.secret_rule r
where r.name = any ($1::text[])
  and r.use = $4::text
  and (r.plain_http or not $5::boolean)
  and net.host_matches($3::text, r.host_pattern)
  and exists (
    select
    from unnest(r.roles) a (role)
    where pg_has_role($2::bigint::oid, a.role::oid, 'usage')
  )
