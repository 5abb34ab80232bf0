-- One screen of what goes on. Exact counts: a person asked for them, and waits. Indexes: none needed for the counts; the
-- oldest is the first of http_request_queue_pkey.
select
  (select count(*) from net.http_request_queue q where q.lease_until is null) as queued,
  (
    select count(*)
    from net.http_request_queue q
    where q.lease_until > clock_timestamp() and q.lease_until <> 'infinity'
  ) as in_flight,
  (select count(*) from net.http_request_queue q where q.lease_until = 'infinity') as parked,
  (
    select extract(epoch from clock_timestamp() - q.created)::double precision
    from net.http_request_queue q
    where q.lease_until is null
    order by q.id
    limit 1
  ) as oldest_seconds,
  (select count(*) from net._http_response r) as responses,
  (select count(*) from net._http_response r where r.status_code is null and not r.cancelled) as failed,
  (
    select c.relpersistence = 'u'
    from pg_class c
    where c.oid = 'net.http_request_queue'::regclass::oid
  ) as unlogged
