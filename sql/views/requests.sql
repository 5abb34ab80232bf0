-- One row for each request of the caller's that waits, is being sent, is answered or dead: what was sent, and what came back. Runs as who reads.
-- First the ids, and then each of them: so the newest ones (order by id desc limit n) cost the same however many there are.
-- Indexes: the primary keys; _http_response_pkey from its end. Of what waits and of dead letters the ids are sorted.
create or replace view net.requests
with (security_invoker = true) as
select
  i.id,
  case
    when i.place = 'queued' then q.status
    when r.same_as is not null then net.status_of_same(r.same_as)
    when d.id is not null then 'dead'
    when r.cancelled then 'cancelled'
    when r.status_code is not null and not r.failed then 'succeeded'
    else 'failed'
  end as status,
  case i.place when 'queued' then q.method when 'answered' then r.method else d.method end as method,
  case i.place when 'queued' then net.mask_url(q.url) when 'answered' then r.url else net.mask_url(d.url) end as url,
  case i.place when 'queued' then a.status_code when 'answered' then r.status_code else d.status_code end as status_code,
  case i.place when 'queued' then q.error_msg when 'answered' then coalesce(r.error_msg, d.error_msg) else d.error_msg end as error_msg,
  r.content,
  case i.place when 'queued' then q.attempt + (q.status = 'in_flight')::integer when 'answered' then r.attempt else d.failures end as attempt,
  case i.place when 'queued' then q.created when 'answered' then r.queued else d.created end as created,
  -- Of the last attempt that has ended: when it began, how many milliseconds it took; and which bridge made it, or makes the one in flight.
  case i.place when 'queued' then a.started else r.sent end as sent,
  case i.place when 'queued' then a.duration_ms else r.duration_ms end as duration_ms,
  case
    when q.status = 'in_flight' then (
      select w.sent_by
      from net.my_waits w
      where w.id = i.id
        and w.queued_by = i.queued_by
    )
    when i.place = 'queued' then a.bridge
    else r.bridge
  end as bridge,
  r.content_type,
  r.headers,
  r.content_bytes,
  -- Credentials are masked.
  case i.place when 'queued' then q.headers else coalesce(r.request_headers, d.headers) end as request_headers,
  net.body_text(case i.place when 'queued' then q.body else coalesce(r.request_body, d.body) end) as request_body,
  coalesce(q.max_attempts, r.max_attempts, d.max_attempts) as max_attempts,
  q.not_before,
  case i.place when 'answered' then r.created when 'dead' then d.died end as finished,
  case i.place when 'queued' then q.host when 'answered' then r.host else d.host end as host,
  i.queued_by,
  case i.place when 'queued' then q.webhook when 'answered' then r.webhook else d.webhook end as webhook,
  -- Why it is not being sent, beside its time.
  case
    when q.queued_here then 'the commit of this transaction'
    when q.status = 'blocked'
      or q.status in ('queued', 'retrying') and (q.not_before <= pg_catalog.clock_timestamp()) is not false
    then coalesce(
      (
        select w.waits_for
        from net.my_waits w
        where w.id = i.id
          and w.queued_by = i.queued_by
      ),
      case when not (select net.bridge_is_up()) then 'a bridge: none is running' end
    )
  end as waits_for
from (
  select m.id, m.queued_by, 'queued' as place
  from net.my_request_ids m
  union all
  select r.id, r.queued_by, 'answered'
  from net._http_response r
  union all
  -- Its response has expired.
  select d.id, d.queued_by, 'dead'
  from net.dead_letter d
  where not exists (
    select
    from net._http_response r
    where r.id = d.id
      and r.queued_by = d.queued_by
  )
) i
left join lateral (
  -- One at a time, which offset says: all of the view would be worked out, and joined, else.
  select m.*
  from net.my_requests m
  where m.id = i.id
    and m.queued_by = i.queued_by
  offset 0
) q on i.place = 'queued'
left join net._http_response r on i.place = 'answered'
  and r.id = i.id
  and r.queued_by = i.queued_by
left join net.dead_letter d on i.place <> 'queued'
  and d.id = i.id
  and d.queued_by = i.queued_by
left join lateral (
  select t.started, t.duration_ms, t.bridge, t.status_code
  from net.attempts t
  where q.failures > 0
    and t.id = i.id
    and t.queued_by = i.queued_by
  order by t.attempt desc
  limit 1
) a on true;

revoke all on net.requests from public;
