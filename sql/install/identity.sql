-- Where this was installed. A dump that was restored elsewhere must not send what the original sends: it is refused until
-- the transaction's setting pgnetty.adopt says what becomes of the requests that came with it.
do $identity$
declare
  adopt constant text := pg_catalog.current_setting('pgnetty.adopt');
  here constant text := net.identity();
  known constant text := (select c.identity from net.bridge_control c);
begin
  if known = here then
    return;
  end if;
  if known is not null and adopt = '' then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'schema "net" of this database comes from another one, by a dump or an upgrade of the cluster',
      hint = 'Say what becomes of the requests that came with it: install --adopt keep sends them, --adopt discard deletes all requests and dead letters.';
  end if;

  if known is not null and adopt = 'discard' then
    delete from net.http_request_queue;
    delete from net.dead_letter;
    delete from net.dead_letter_secret;
    delete from net.callback;
    delete from net.ordering_turn;
    delete from net.attempts a
    where not exists (
      select
      from net._http_response r
      where r.id = a.id
    );
  end if;
  delete from net.bridges;
  update net.bridge_control c
  set identity = here;
  -- Sequences and table may be of different moments: the first bridge counts again.
  update net.queue_limit l
  set counted = 0,
    counted_id = (
      select case when s.is_called then s.last_value else 0 end
      from net.http_request_queue_id_seq s
    );
  perform pg_catalog.setval('net.limit_id', l.counted_id + l.max_queued)
  from net.queue_limit l;
end
$identity$;
