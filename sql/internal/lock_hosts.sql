-- API: private
-- For a claim: locks the rows of those hosts that are neither paused nor cut off by their circuit breaker; a host that is new
-- gets its row first. `locked`: those that may give requests now. `retry_seconds`: when one of the others may, where that is
-- known: its circuit breaker lets a probe through, or another claim has it for some milliseconds.
-- Indexes: hosts_pkey, paused_pkey. Locks: the rows of net.hosts in order of their hosts; locked ones are skipped.
create or replace function net.lock_hosts(
  wanted text[],
  started timestamptz,
  out locked text[],
  out retry_seconds double precision
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known bigint;
  free bigint;
begin
  -- Once more where hosts are new.
  for attempt in 1 .. 2 loop
    with looked_up as materialized (
      select
        h.host,
        h.breaker_open_until,
        -- Mostly none is: that is asked once, and not for each pattern of each host.
        (
          select exists (
            select
            from net.paused
          )
        )
        and exists (
          select
          from net.paused p
          where p.host_pattern = any (h.patterns)
        ) as is_paused
      from net.hosts h
      where h.host = any (wanted)
    ),
    taken as materialized (
      select h.host
      from net.hosts h
      where h.host = any (
          array(
            select k.host
            from looked_up k
            where not k.is_paused
              and (k.breaker_open_until is null or k.breaker_open_until <= started)
          )
        )
      order by h.host
      for no key update of h skip locked
    )
    select
      array(select t.host from taken t),
      count(*),
      count(*) filter (where not k.is_paused and (k.breaker_open_until is null or k.breaker_open_until <= started)),
      min(extract(epoch from k.breaker_open_until - started)) filter (where not k.is_paused and k.breaker_open_until > started)
    into locked, known, free, retry_seconds
    from looked_up k;
    exit when known = cardinality(wanted) or attempt > 1;
    insert into net.hosts (host, patterns)
    select w.host, net.patterns_of(w.host)
    from unnest(wanted) w (host)
    where not exists (
      select
      from net.hosts h
      where h.host = w.host
    )
    order by w.host
    on conflict do nothing;
  end loop;
  if cardinality(locked) < free or known < cardinality(wanted) then
    retry_seconds := least(retry_seconds, 0.003);
  end if;
end
$$;
