-- API: helper
-- Whether a host, as host_of gives it, is one that a pattern names: *, a host, or *.example.com for what is below it, each
-- with :port if wanted. Without a port any will do; 80 and 443 are also those of a host without one.
create or replace function net.host_matches(host text, pattern text)
returns boolean
language sql
immutable
parallel safe
return (
  select
    (
      p.port is null
      or p.port = h.port
      or h.port is null and p.port in ('80', '443')
    )
    and case
      when p.name = '*' then true
      when left(p.name, 2) = '*.' then right(h.name, length(p.name) - 1) = substr(p.name, 2)
      else h.name = p.name
    end
  from (
    select rtrim(regexp_replace(host, ':[0-9]+$', ''), '.') as name, substring(host, ':([0-9]+)$') as port
  ) h,
  (
    select regexp_replace(pattern, ':[0-9]+$', '') as name, substring(pattern, ':([0-9]+)$') as port
  ) p
);
