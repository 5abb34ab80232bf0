-- API: private
-- As net.promote for what net.overdue gives, one by one: a request that cannot be made due is parked with the reason. For when
-- all together has failed, as one of them must not hold up the others.
create or replace function net.promote_each(
  batch integer,
  self uuid,
  seen_within interval,
  take_over boolean,
  out promoted bigint,
  out lost bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
  one record;
  reason text;
begin
  promoted := 0;
  lost := 0;
  foreach request_id in array array(select net.overdue(batch, self, seen_within, take_over)) loop
    begin
      select *
      into one
      from net.promote(array[request_id]);
      promoted := promoted + one.promoted;
      lost := lost + one.lost;
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
end
$$;
