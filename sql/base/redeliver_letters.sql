-- API: private
-- Carries out an order of net.redelivery: queues again those dead letters that its giver may manage; gives the new ids, in the
-- order of the old ones. Who queued them stays who sees them. Definer, as nobody else may write the queue: who gave the order
-- is stamped by the view, see schema step 5.
-- Index: the primary keys; reads all dead letters for an order that names no ids. Locks: the rows, in id order; one that is
-- being taken just now is left out.
create or replace function net.redeliver_letters()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(new.host);
begin
  with letters as materialized (
    select d.*, coalesce(s.headers, d.headers) as sent_headers
    from net.dead_letter d
    left join net.dead_letter_secret s on s.id = d.id
    where (new.ids is null or d.id = any (new.ids))
      and net.may_manage(new.ordered_by, d.queued_by)
      and (pattern is null or net.host_matches(d.host, pattern))
      and (new.since is null or d.died >= new.since)
      and (new.until is null or d.died < new.until)
      and (new.error is null or strpos(lower(d.error_msg), lower(new.error)) > 0)
    order by d.id
    for update of d skip locked
  ),
  taken as (
    delete from net.dead_letter d
    using letters l
    where d.id = l.id
    returning d.id
  ),
  told as (
    delete from net.dead_letter_secret s
    using letters l
    where s.id = l.id
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
  into new.new_ids
  from queued q;
  return new;
end
$$;
