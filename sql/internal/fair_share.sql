-- API: private
-- Chooses among requests that a claim has read, which are given by these arrays in the order of their turns. The role that holds least comes
-- first: at a host, up to what it may have (`host_rooms`); and here, up to `max_requests` and `max_bytes` of bodies beyond the
-- first, and not more than `max_slow` slow ones. Of a role not more than its rule (`role_rooms`) and its part of slow requests (`slow_rooms`).
-- `chosen`: it is claimed. `slow_left`: it is not, as it is slow. In the order of the arrays.
create or replace function net.fair_share(
  max_requests integer,
  max_bytes bigint,
  max_slow integer,
  ids bigint[],
  roles integer[],
  hosts text[],
  are_slow boolean[],
  bytes integer[],
  host_rooms integer[],
  host_held integer[],
  role_rooms integer[],
  role_held integer[],
  slow_rooms integer[]
)
returns table (id bigint, chosen boolean, slow_left boolean)
-- Its plan is kept, as that of a function in SQL is not.
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with requests as (
    select *
    from unnest(ids, roles, hosts, are_slow, bytes, host_rooms, host_held, role_rooms, role_held, slow_rooms) with ordinality
      u (id, role, host, is_slow, bytes, host_room, host_held, role_room, role_held, slow_room, place)
  ),
  of_line as (
    select
      r.*,
      r.host_held + row_number() over (partition by r.host, r.role order by r.place) as host_need,
      r.is_slow and count(*) filter (where r.is_slow) over (partition by r.role order by r.place) > r.slow_room as too_slow
    from requests r
  ),
  of_host as (
    select
      l.*,
      not l.too_slow
        and count(*) filter (where not l.too_slow) over (partition by l.host order by l.host_need, l.role) <= l.host_room as goes
    from of_line l
  ),
  of_role as (
    select h.*, count(*) filter (where h.goes) over (partition by h.role order by h.place) as nth
    from of_host h
  ),
  of_all as (
    select
      o.*,
      count(*) filter (where o.goes) over by_need as before,
      count(*) filter (where o.goes and o.is_slow) over by_need as slow_before,
      coalesce(sum(o.bytes) filter (where o.goes) over by_need, 0) - o.bytes as bytes_before
    from (
      select o.id, o.role, o.place, o.is_slow, o.too_slow, o.goes and o.nth <= o.role_room as goes, o.role_held + o.nth as need, coalesce(o.bytes, 0) as bytes
      from of_role o
    ) o
    window by_need as (order by o.need, o.role, o.id)
  )
  select
    a.id,
    a.goes and a.before <= max_requests and a.bytes_before <= max_bytes and (not a.is_slow or a.slow_before <= max_slow),
    a.too_slow or a.is_slow and a.slow_before > max_slow
  from of_all a
  order by a.place;
end
$$;
