-- API: private
-- Makes the rows of net.key_slot that a role needs before its first key. Another transaction may be making them just now: it
-- is waited for, for as long as is said. False where it has not ended by then.
create or replace function net.has_key_slots(role regrole, patience text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  lock_timeout constant text := current_setting('lock_timeout');
begin
  if exists (
    select
    from net.key_slot s
    where s.queued_by = role
  ) then
    return true;
  end if;
  perform set_config('lock_timeout', patience, true);
  insert into net.key_slot (queued_by, slot)
  select role, slot
  from generate_series(0, 255) slot
  on conflict do nothing;
  perform set_config('lock_timeout', lock_timeout, true);
  return true;
exception
  when lock_not_available or deadlock_detected then
    return false;
end
$$;
