-- Deletes up to $1 callbacks older than $2 (interval), failed or not: their response is gone by then. Index: callback_created_idx, which serves
-- now() and would not serve clock_timestamp(). Locks: the rows; locked ones are skipped.
delete from net.callback c
where c.number = any (array(
  select d.number
  from net.callback d
  where d.created < now() - $2::interval
  order by d.created
  limit $1
  for update skip locked
))
returning c.number as id
