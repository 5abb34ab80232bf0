-- API: public
-- Sends again what a webhook has sent, as far as it is kept (keep_sent), and its dead letters: the caller's own, in the order in which they were
-- queued. Gives how many.
create or replace function net.replay(
  -- The webhook's name.
  webhook text,
  -- Queued at this time or later; null for all that is kept.
  since timestamptz default null,
  -- Queued before this time.
  until timestamptz default null,
  -- Dead letters alone.
  only_failed boolean default false,
  -- With an Idempotency-Key of its own, and not with the one that it had, by which a target knows it again.
  new_key boolean default false,
  -- Where several roles have webhooks of that name, for the owner of schema net.
  "table" regclass default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  replayed bigint;
begin
  if webhook is null then
    raise exception using errcode = 'invalid_parameter_value', message = 'webhook is the name of one, and not null';
  end if;
  insert into net.replaying as r (webhook, since, until, only_failed, new_key, webhook_table)
  values (webhook, since, until, only_failed, new_key, "table")
  returning r.count into replayed;
  return replayed;
end
$$;
