-- API: private
-- Parks the due requests that no claim can read, with the reason; gives how many. For when a claim has failed, as one of
-- them must not hold up the others. Reads all that is due.
create or replace function net.park_unreadable()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  parked bigint := 0;
begin
  for request in
    select q.id, u.reason
    from net.http_request_queue q
    cross join lateral net.unreadable(q.id) u (reason)
    where q.state = 'due'
      and u.reason is not null
    order by q.id
    for no key update of q skip locked
  loop
    perform net.park(request.id, format('Not sent: the request cannot be read: %s', request.reason));
    parked := parked + 1;
  end loop;
  return parked;
end
$$;
