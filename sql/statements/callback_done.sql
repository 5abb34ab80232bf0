-- What became of call $4 of callback $1: done, or, where $2 says why not, failed, or to be called again in $3 (interval); $5 where it was not
-- called at all, which does not count. Nothing where another bridge has claimed it since. Index: callback_pkey.
with failed as (
  update net.callback c
  set error_msg = left($2, 1000),
    due_at = clock_timestamp() + $3::text::interval,
    attempts = c.attempts - $5::boolean::integer
  where c.number = $1::bigint
    and c.attempts = $4::integer
    and $2::text is not null
  returning c.number
),
done as (
  delete from net.callback c
  where c.number = $1::bigint
    and c.attempts = $4::integer
    and $2::text is null
  returning c.number
)
select number
from failed
union all
select number
from done
