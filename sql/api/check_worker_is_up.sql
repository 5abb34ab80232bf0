-- API: public
-- Raises when no bridge serves this database.
create or replace function net.check_worker_is_up()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not net.bridge_is_up() then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'no pgnetty bridge is running for this database',
      detail = 'Requests wait in net.http_request_queue; none is lost.',
      hint = 'Start one with: pgnetty run --url ...';
  end if;
end
$$;
