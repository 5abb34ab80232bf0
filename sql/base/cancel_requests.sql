-- API: private
-- Carries out an order of net.cancellation: takes back those requests that its giver may manage and that are not being sent.
-- Definer, as nobody else may write the queue: who gave the order is stamped before, see net.stamp_order.
-- In small parts, each of which sees what was claimed before it. A request that a claim takes between the look and the lock of
-- a part would stay locked until the caller's transaction ends, and its answer could not be written: the part is undone, its
-- locks go, and it is done again, some times. A row that another transaction has locked for longer is left to that.
-- Indexes: the primary key; reads the whole queue for an order that names no ids. Locks: the rows taken back, in id order;
-- locked ones are skipped.
create or replace function net.cancel_requests()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part_size constant integer := 500;
  tries constant integer := 12;
  pattern constant text := net.host_pattern(new.host);
  ids bigint[] := new.ids;
  part bigint[];
  in_flight bigint[];
  locked bigint[];
  seen bigint;
  taken bigint;
  highest bigint;
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception using
      errcode = 'feature_not_supported',
      message = format('requests cannot be cancelled at isolation level %s: it does not show which requests were claimed meanwhile',
        current_setting('transaction_isolation')),
      hint = 'Cancel in a transaction at read committed.';
  end if;
  new.cancelled := 0;
  if ids is null then
    ids := array(
      select q.id
      from net.http_request_queue q
      where net.may_manage(new.ordered_by, q.queued_by)
        and (pattern is null or net.host_matches(q.host, pattern))
        and (new.since is null or q.created >= new.since)
        and (new.until is null or q.created < new.until)
        and (new.error is null or strpos(lower(q.error_msg), lower(new.error)) > 0)
      order by q.id
    );
  end if;

  for start in 1 .. cardinality(ids) by part_size loop
    part := ids[start : start + part_size - 1];
    for attempt in 1 .. tries loop
      begin
        in_flight := net.in_flight();
        -- Locked first, and looked at in a statement of its own, which sees the lease of a claim that had the lock before.
        locked := array(
          select q.id
          from net.http_request_queue q
          where q.id = any (part)
            and q.id not in (select unnest(in_flight))
            and net.may_manage(new.ordered_by, q.queued_by)
          order by q.id
          for update skip locked
        );
        in_flight := net.in_flight();
        seen := (
          select count(*)
          from net.http_request_queue q
          where q.id = any (part)
            and q.id not in (select unnest(in_flight))
            and net.may_manage(new.ordered_by, q.queued_by)
        );
        with free as materialized (
          select l.id
          from unnest(locked) l (id)
          where l.id not in (select unnest(in_flight))
        ),
        cancelled as (
          delete from net.http_request_queue q
          using free f
          where q.id = f.id
            and net.may_manage(new.ordered_by, q.queued_by)
          returning q.*
        ),
        answered as (
          insert into net._http_response (
            id, timed_out, error_msg, queued_by, cancelled, dedupe_key, fingerprint, webhook, webhook_table, method, url, host, queued, attempt, max_attempts,
            request_headers, request_body
          )
          select
            c.id,
            false,
            format('Cancelled by %s', pg_get_userbyid(new.ordered_by))
              || case when c.attempt > 0 then format(' after attempt %s, which may have reached the target', c.attempt) else '' end
              || coalesce('. ' || c.error_msg, ''),
            c.queued_by,
            true,
            c.dedupe_key,
            c.fingerprint,
            c.webhook,
            c.webhook_table,
            c.method,
            net.mask_url(c.url),
            c.host,
            c.created,
            c.attempt,
            c.max_attempts,
            case when coalesce(c.keep_request, k.keep_request) then net.mask_headers(c.headers) end,
            case when coalesce(c.keep_request, k.keep_request) and octet_length(c.body) <= 1048576 then c.body end
          from cancelled c
          cross join net.bridge_control k
        )
        select count(*), max(id)
        into taken, highest
        from cancelled;
        perform net.raise_known_id(highest);
        if (taken < seen or taken < cardinality(locked)) and attempt < tries then
          raise exception using errcode = 'PN001', message = 'claimed meanwhile';
        end if;
        new.cancelled := new.cancelled + taken;
        exit;
      exception
        when sqlstate 'PN001' then
          -- What was claimed is in flight for the next look.
          perform pg_sleep(0.002 * attempt);
      end;
    end loop;
  end loop;
  return new;
end
$$;
