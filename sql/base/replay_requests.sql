-- API: private
-- Carries out an order of net.replaying: queues again what is kept of a webhook's requests, sent or dead, that its giver may manage, in their
-- old order; dead letters leave their place, what was sent stays. Gives how many. Definer, as nobody else may write the queue: who gave the
-- order is stamped before, see net.stamp_order.
-- Indexes: sent_request_webhook_idx; the dead letters are read whole. Locks: the dead letters, in id order; one that is being taken just now is
-- left out.
create or replace function net.replay_requests()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_requests net.sent_request[];
  new_ids bigint[];
begin
  with letters as materialized (
    select d.*, coalesce(s.headers, d.headers) as sent_headers
    from net.dead_letter d
    left join net.dead_letter_secret s on s.id = d.id
    where d.webhook = new.webhook
      and net.may_manage(new.ordered_by, d.queued_by)
      and (new.since is null or d.created >= new.since)
      and (new.until is null or d.created < new.until)
    order by d.id
    for update of d skip locked
  ),
  taken as (
    delete from net.dead_letter d
    using letters l
    where d.id = l.id
  ),
  told as (
    delete from net.dead_letter_secret s
    using letters l
    where s.id = l.id
  ),
  forgotten as (
    delete from net.attempts a
    using letters l
    where a.id = l.id
      and not exists (
        select
        from net._http_response r
        where r.id = l.id
      )
  ),
  found_requests as (
    select row(
      l.id, l.method, l.url, l.sent_headers, l.body, l.timeout_milliseconds, l.host, l.queued_by, l.created, l.died, 'infinity', l.status_code,
      0, l.max_attempts, l.priority, l.idempotency_key, l.fire_and_forget, l.keep_failed, l.sign_with, l.ordering_key,
      l.ordering_id, l.on_dead,
      l.on_response, l.notify_channel, l.keep_sent, l.webhook, l.webhook_table
    )::net.sent_request as request
    from letters l
    union all
    select row(
      s.id, s.method, s.url, coalesce(c.headers, s.headers), s.body, s.timeout_milliseconds, s.host, s.queued_by, s.created, s.sent, s.until,
      s.status_code, s.bytes, s.max_attempts, s.priority, s.idempotency_key, s.fire_and_forget, s.keep_failed, s.sign_with,
      s.ordering_key, null, s.on_dead, s.on_response, s.notify_channel, s.keep_sent, s.webhook, s.webhook_table
    )::net.sent_request
    from net.sent_request s
    left join net.sent_request_secret c on c.id = s.id
      and c.queued_by = s.queued_by
    where new.only_failed is not true
      and s.webhook = new.webhook
      and net.may_manage(new.ordered_by, s.queued_by)
      and (new.since is null or s.created >= new.since)
      and (new.until is null or s.created < new.until)
  )
  select array_agg(f.request order by (f.request).id, (f.request).queued_by)
  into old_requests
  from found_requests f;

  with queued as (
    insert into net.http_request_queue (
      method, url, headers, body, timeout_milliseconds, max_attempts, priority, fire_and_forget, keep_failed, sign_with, ordering_key, on_dead,
      notify_channel, keep_sent, webhook, webhook_table
    )
    select
      r.method, r.url, r.headers, r.body, r.timeout_milliseconds, r.max_attempts, r.priority, r.fire_and_forget, r.keep_failed, r.sign_with,
      r.ordering_key, r.on_dead, r.notify_channel, r.keep_sent, r.webhook, r.webhook_table
    from unnest(old_requests) r
    order by r.id, r.queued_by
    returning id
  )
  select array(select q.id from queued q order by q.id)
  into new_ids;
  -- The gate has stamped them as this function's owner's; and what their senders might call is not asked again.
  update net.http_request_queue q
  set queued_by = o.queued_by,
    idempotency_key = case when new.new_key is not true then o.idempotency_key end,
    ordering_id = coalesce(o.ordering_id, q.ordering_id),
    on_response = o.on_response
  from unnest(new_ids) with ordinality n (id, place)
  join (
    select r.queued_by, r.idempotency_key, r.ordering_id, r.on_response, row_number() over (order by r.id, r.queued_by) as place
    from unnest(old_requests) r
  ) o on o.place = n.place
  where q.id = n.id;
  new.count := cardinality(new_ids);
  return new;
end
$$;
