-- What became of callback $1: done, or, where $2 says why not, failed, or to be called again in $3 (interval). Index: callback_pkey.
with failed as (
  update net.callback c
  set error_msg = left($2, 1000),
    due_at = clock_timestamp() + $3::text::interval
  where c.number = $1::bigint
    and $2::text is not null
  returning c.number
),
done as (
  delete from net.callback c
  where c.number = $1::bigint
    and $2::text is null
  returning c.number
)
select number
from failed
union all
select number
from done
