-- API: private
-- Makes dead letters of up to `batch` requests that were parked as they were lost too often, where their failures are to be
-- kept; gives how many. One that a user's trigger refuses stays parked.
-- Index: http_request_queue_later_idx. Locks: the rows; locked ones are skipped.
create or replace function net.bury_lost(batch integer)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request net.http_request_queue;
  buried bigint := 0;
begin
  for request in
    select q.*
    from net.http_request_queue q
    where q.state = 'parked'
      and q.losses >= 3
      and q.keep_failed
    order by q.id
    limit batch
    for update skip locked
  loop
    begin
      insert into net._http_response (
        id, timed_out, error_msg, queued_by, failed, dedupe_key, fingerprint, webhook, webhook_table, method, url, host, queued, attempt,
        max_attempts
      )
      values (request.id, false, request.error_msg, request.queued_by, true, request.dedupe_key, request.fingerprint,
        request.webhook, request.webhook_table, request.method, net.mask_url(request.url), request.host, request.created, request.attempt,
        request.max_attempts);
      -- After its response is there, as those who wait for that are told with this.
      delete from net.http_request_queue q
      where q.id = request.id
        and q.queued_by = request.queued_by;
      perform net.bury(request, null, request.error_msg, request.failures);
      perform net.raise_known_id(request.id);
      buried := buried + 1;
    exception
      when others then
        raise warning 'pgnetty: request % stays parked: %', request.id, sqlerrm;
    end;
  end loop;
  return buried;
end
$$;
