-- API: private
-- As net.promote, one by one: a request that cannot be made due is parked with the reason. For when all together has failed, as
-- one of them must not hold up the others.
create or replace function net.promote_each(batch integer)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
  reason text;
  promoted bigint := 0;
begin
  for request_id in
    select q.id
    from net.roles_with('waiting') w (role)
    cross join lateral (
      select q.id
      from net.http_request_queue q
      where q.state = 'waiting'
        and q.queued_by = w.role
        and q.due_at <= now()
      order by q.due_at
      limit batch
      for no key update skip locked
    ) q
    limit batch
  loop
    begin
      update net.http_request_queue q
      set state = 'due',
        due_at = null
      where q.id = request_id;
      promoted := promoted + 1;
    exception
      when others then
        if left(sqlstate, 2) in ('40', '53', '55', '57', '58') then
          -- It passes: not the row's fault.
          raise;
        end if;
        reason := sqlerrm;
        begin
          perform net.park(request_id, format('Not sent: the request cannot be made due: %s', reason));
          promoted := promoted + 1;
        exception
          when others then
            raise warning 'pgnetty: request % can neither be made due (%) nor parked (%)', request_id, reason, sqlerrm;
        end;
    end;
  end loop;
  return promoted;
end
$$;
