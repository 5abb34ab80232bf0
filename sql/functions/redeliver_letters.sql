-- API: private
-- Queues anew those of the given dead letters that the caller may see; gives the new ids, in the order of the old ones.
-- Who queued them stays who sees them. Index: the primary keys. Locks: the rows, in id order; one that is being taken just
-- now is left out.
create or replace function net.redeliver_letters(ids bigint[])
returns bigint[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_ids bigint[];
begin
  with letters as materialized (
    select d.*, coalesce(s.headers, d.headers) as sent_headers
    from net.dead_letter d
    left join net.dead_letter_secret s on s.id = d.id
    where d.id = any (ids)
      and net.may_see(d.queued_by)
    order by d.id
    for update of d skip locked
  ),
  taken as (
    delete from net.dead_letter d
    using letters l
    where d.id = l.id
    returning d.id
  ),
  -- The history stays with the response, where there is one.
  forgotten as (
    delete from net.attempts a
    using taken t
    where a.id = t.id
      and not exists (
        select
        from net._http_response r
        where r.id = t.id
      )
  ),
  queued as (
    insert into net.http_request_queue (
      method, url, headers, body, timeout_milliseconds, queued_by, idempotency_key,
      max_attempts, priority, dedupe_key, fingerprint, fire_and_forget, keep_failed
    )
    select
      l.method, l.url, l.sent_headers, l.body, l.timeout_milliseconds, l.queued_by, l.idempotency_key,
      l.max_attempts, l.priority, l.dedupe_key, l.fingerprint, l.fire_and_forget, l.keep_failed
    from letters l
    order by l.id
    returning id
  )
  select coalesce(array_agg(q.id order by q.id), '{}')
  into new_ids
  from queued q;
  return new_ids;
end
$$;
