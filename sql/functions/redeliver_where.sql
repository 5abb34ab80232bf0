-- API: public
-- Queues anew the caller's own dead letters (the owner's reach is all) that match everything given; gives how many. Reads
-- all dead letters, or what one role has of them.
create or replace function net.redeliver_where(
  -- A host, *.example.com, or * for all; with :port if wanted.
  host text default null,
  -- Died at this time or later.
  since timestamptz default null,
  -- A part of the last error, in any case.
  error text default null,
  -- Died before this time.
  until timestamptz default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant text := net.host_pattern(host);
begin
  perform net.need_filter(host, since, error, until);
  return cardinality(
    net.redeliver_letters(
      array(
        select d.id
        from net.dead_letter d
        where (pg_has_role((select net.caller()), d.queued_by, 'member') or (select net.is_owner()))
          and (pattern is null or net.host_matches(d.host, pattern))
          and (since is null or d.died >= since)
          and (until is null or d.died < until)
          and (error is null or strpos(lower(d.error_msg), lower(error)) > 0)
      )
    )
  );
end
$$;
