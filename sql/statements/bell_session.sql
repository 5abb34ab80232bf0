-- Who we are to others, and what holds for this session alone, whatever the role's or the database's settings say: it waits
-- for the bell's lock no longer than its askers can bear, is never ended for being idle, and is missed soon when its client is.
select
  set_config('application_name', 'pgnetty bell ' || $1::text, false),
  set_config('lock_timeout', '50ms', false),
  set_config('statement_timeout', '0', false),
  set_config('idle_session_timeout', '0', false),
  set_config('tcp_keepalives_idle', '10', false),
  set_config('tcp_keepalives_interval', '5', false),
  set_config('tcp_keepalives_count', '3', false),
  set_config('tcp_user_timeout', '20000', false)
