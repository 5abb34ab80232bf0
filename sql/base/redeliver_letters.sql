-- API: private
-- Carries out an order of net.redelivery: queues again those dead letters that its giver may manage; gives the new ids, in the
-- order of the old ones, and in their places among those with their ordering_key; or drops them where the order says so, and gives the old ids.
-- The roles that queued them still see them. Definer, as nobody else may write the queue: who gave the order
-- is stamped before, see net.stamp_order.
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
  owners regrole[];
  keys uuid[];
  dedupe_keys text[];
  ordering_ids bigint[];
  callbacks text[];
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
      method, url, headers, body, timeout_milliseconds, max_attempts, priority, fingerprint, fire_and_forget, keep_failed,
      sign_with, ordering_key, on_dead,
      notify_channel, keep_sent, webhook, webhook_table, keep_request
    )
    select
      l.method, l.url, l.sent_headers, l.body, l.timeout_milliseconds, l.max_attempts, l.priority, l.fingerprint,
      l.fire_and_forget, l.keep_failed, l.sign_with, l.ordering_key, l.on_dead,
      l.notify_channel, l.keep_sent, l.webhook, l.webhook_table, l.keep_request
    from letters l
    where new.discard is not true
    order by l.id
    returning id
  )
  select
    case when new.discard then array(select t.id from taken t order by t.id) else array(select q.id from queued q order by q.id) end,
    array(select l.queued_by from letters l order by l.id),
    array(select l.idempotency_key from letters l order by l.id),
    array(select l.dedupe_key from letters l order by l.id),
    array(select l.ordering_id from letters l order by l.id),
    array(select l.on_response from letters l order by l.id)
  into new.new_ids, owners, keys, dedupe_keys, ordering_ids, callbacks;
  if new.discard then
    return new;
  end if;
  -- The gate has stamped them as this function's owner's.
  update net.http_request_queue q
  set queued_by = n.queued_by,
    idempotency_key = n.idempotency_key,
    dedupe_key = n.dedupe_key,
    ordering_id = n.ordering_id,
    -- It was the right of who queued it: not asked again of this function's owner.
    on_response = n.on_response
  from unnest(new.new_ids, owners, keys, dedupe_keys, ordering_ids, callbacks)
    n (id, queued_by, idempotency_key, dedupe_key, ordering_id, on_response)
  where q.id = n.id;
  return new;
end
$$;
