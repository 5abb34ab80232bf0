-- API: public
-- Where a request is: queued, scheduled, blocked (its host is paused, or its circuit breaker is open), in_flight, retrying, succeeded (any
-- HTTP answer that is not retried), failed, dead, cancelled, or unknown, which is also said of another role's. One statement
-- over all tables, so that a request on its way from one to the other is in one. Indexes: the primary keys.
create or replace function net.http_request_status(request_id bigint)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Row-level security says whose requests these are; a session that has it off would get an error instead.
set row_security = on
as $$
declare
  status text;
  same_as bigint;
begin
  select
    case
      when q.id is not null then q.status
      when d.id is not null then 'dead'
      when r.cancelled then 'cancelled'
      when r.status_code is not null and not r.failed then 'succeeded'
      when r.id is not null then 'failed'
      else 'unknown'
    end,
    r.same_as
  into status, same_as
  from (select request_id as id) wanted
  left join net.my_requests q on q.id = wanted.id
  left join net.dead_letter d on d.id = wanted.id
  left join net._http_response r on r.id = wanted.id;

  -- One step at most: what is pointed to was sent itself.
  return case when same_as is null then status else net.http_request_status(same_as) end;
end
$$;
