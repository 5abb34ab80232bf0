-- API: public
-- Where a request is: queued, in_flight, succeeded (any HTTP answer), failed, cancelled, or unknown, which is also said
-- of another role's. One statement over both tables, so that a request on its way from one to the other is in one.
-- Indexes: the two primary keys.
create or replace function net.http_request_status(request_id bigint)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case
      when r.cancelled then 'cancelled'
      when r.status_code is not null then 'succeeded'
      when r.id is not null then 'failed'
      when q.id is not null then net.queue_status(q.lease_until)
      else 'unknown'
    end
    from (select request_id as id) wanted
    left join net.http_request_queue q on q.id = wanted.id and net.may_see(q.queued_by)
    left join net._http_response r on r.id = wanted.id and net.may_see(r.queued_by)
  );
end
$$;
