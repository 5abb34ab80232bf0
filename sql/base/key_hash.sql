-- API: helper
-- What the indexes of idempotency keys hold. A hash, so that its order tells nothing of the key; and a function that is not
-- leakproof, so that no condition of a user's on it reaches an index before row-level security.
create or replace function net.key_hash(queued_by regrole, dedupe_key text)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return hashtextextended(dedupe_key, queued_by::oid::bigint);
end
$$;
