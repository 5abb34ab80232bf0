-- API: private
-- Carries out an order of net.replaying: queues again what is kept of a webhook's requests, sent or dead, that its giver may manage, in their
-- old order, and before newer ones of their ordering_key that still wait; dead letters leave net.dead_letter, what was sent stays, and is not
-- kept once more. Gives how many. Definer, as nobody else may
-- write the queue: who gave the order is stamped before, see net.stamp_order.
-- What names a webhook of a table that is not its sender's is somebody's own invention, and left alone.
-- In portions, as bodies are large. Indexes: sent_request_webhook_idx, sent_request_pkey, dead_letter_pkey; the dead letters are read
-- whole. Locks: the dead letters; one that is being taken just now is left out.
create or replace function net.replay_requests()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part_size constant integer := 200;
  found_ids bigint[];
  found_roles regrole[];
  found_dead boolean[];
  tables bigint;
  queued record;
begin
  with letters as materialized (
    select d.id, d.queued_by, d.webhook_table
    from net.dead_letter d
    where d.webhook = new.webhook
      and net.may_manage(new.ordered_by, d.queued_by)
      and (new.since is null or d.created >= new.since)
      and (new.until is null or d.created < new.until)
    for update skip locked
  ),
  both_kinds as (
    select l.id, l.queued_by, l.webhook_table, true as is_dead
    from letters l
    union all
    select s.id, s.queued_by, s.webhook_table, false
    from net.sent_request s
    where new.only_failed is not true
      and s.webhook = new.webhook
      and net.may_manage(new.ordered_by, s.queued_by)
      and (new.since is null or s.created >= new.since)
      and (new.until is null or s.created < new.until)
  )
  select array_agg(b.id order by b.id, b.queued_by), array_agg(b.queued_by order by b.id, b.queued_by), array_agg(b.is_dead order by b.id, b.queued_by),
    count(distinct b.webhook_table)
  into found_ids, found_roles, found_dead, tables
  from both_kinds b
  where not exists (
    select
    from pg_class c
    where c.oid = b.webhook_table
      and c.relowner <> b.queued_by::oid
  )
    and (new.webhook_table is null or b.webhook_table = new.webhook_table);
  if tables > 1 then
    raise exception using
      errcode = 'ambiguous_function',
      message = format('requests of %s webhooks %s are kept: say of which table', tables, to_json(new.webhook));
  end if;
  new.count := 0;
  for start in 1 .. coalesce(cardinality(found_ids), 0) by part_size loop
    with part as materialized (
      select *
      from unnest(
        found_ids[start : start + part_size - 1], found_roles[start : start + part_size - 1], found_dead[start : start + part_size - 1]
      ) with ordinality p (id, role, is_dead, place)
    ),
    old_requests as materialized (
      select
        p.place, d.queued_by, d.idempotency_key, d.method, d.url, coalesce(c.headers, d.headers) as headers, d.body,
        d.timeout_milliseconds, d.max_attempts, d.priority, d.fire_and_forget, d.keep_failed, d.sign_with, d.ordering_key, d.ordering_id,
        d.on_dead, d.on_response, d.notify_channel, d.keep_sent, d.webhook, d.webhook_table, d.keep_request
      from part p
      join net.dead_letter d on d.id = p.id and d.queued_by = p.role
      left join net.dead_letter_secret c on c.id = d.id
      where p.is_dead
      union all
      select
        p.place, s.queued_by, s.idempotency_key, s.method, s.url, coalesce(c.headers, s.headers), s.body, s.timeout_milliseconds,
        s.max_attempts, s.priority, s.fire_and_forget, s.keep_failed, s.sign_with, s.ordering_key, s.ordering_id, s.on_dead, s.on_response,
        s.notify_channel, null, s.webhook, s.webhook_table, null
      from part p
      join net.sent_request s on s.id = p.id and s.queued_by = p.role
      left join net.sent_request_secret c on c.id = s.id and c.queued_by = s.queued_by
      where not p.is_dead
    ),
    again as (
      insert into net.http_request_queue (
        method, url, headers, body, timeout_milliseconds, max_attempts, priority, fire_and_forget, keep_failed, sign_with, ordering_key,
        on_dead, notify_channel, keep_sent, webhook, webhook_table, keep_request
      )
      select
        o.method, o.url, o.headers, o.body, o.timeout_milliseconds, o.max_attempts, o.priority, o.fire_and_forget, o.keep_failed,
        o.sign_with, o.ordering_key, o.on_dead, o.notify_channel, o.keep_sent, o.webhook, o.webhook_table, o.keep_request
      from old_requests o
      order by o.place
      returning id
    )
    select
      array(select a.id from again a order by a.id) as ids,
      array(select o.queued_by from old_requests o order by o.place) as roles,
      array(select o.idempotency_key from old_requests o order by o.place) as keys,
      array(select o.ordering_id from old_requests o order by o.place) as places,
      array(select o.on_response from old_requests o order by o.place) as functions
    into queued;
    -- The gate has stamped them as this function's owner's; and what their senders might call is not asked again.
    update net.http_request_queue q
    set queued_by = n.role,
      idempotency_key = case when new.new_key is not true then n.key end,
      ordering_id = coalesce(n.ordering_id, q.ordering_id),
      on_response = n.function
    from unnest(queued.ids, queued.roles, queued.keys, queued.places, queued.functions) n (id, role, key, ordering_id, function)
    where q.id = n.id;
    new.count := new.count + cardinality(queued.ids);
  end loop;

  with taken as (
    delete from net.dead_letter d
    using unnest(found_ids, found_roles, found_dead) f (id, role, is_dead)
    where f.is_dead
      and d.id = f.id
      and d.queued_by = f.role
    returning d.id
  ),
  told as (
    delete from net.dead_letter_secret s
    using taken t
    where s.id = t.id
  )
  -- The history stays with the response, where there is one.
  delete from net.attempts a
  using taken t
  where a.id = t.id
    and not exists (
      select
      from net._http_response r
      where r.id = t.id
    );
  return new;
end
$$;
