-- API: helper
-- Whether a URL or headers hold credentials themselves, and not by the name of a secret.
create or replace function net.shows_credentials(url text, headers jsonb)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select url ~* '^https?://[^/?#]*@' and url !~ '[{][{]secret:'
    or exists (
      select
      from jsonb_each_text(case when jsonb_typeof(headers) = 'object' then headers else '{}' end) h
      where net.is_credential(h.key)
        and h.value !~ '[{][{]secret:'
    )
$$;
