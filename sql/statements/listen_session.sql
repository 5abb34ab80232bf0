-- Names the session of bridge $1 for others to see, and sets what must hold for it whatever the role's or the database's settings
-- say: it does not wait longer for the idle lock than senders can bear, it is never ended for being idle, and the server notices
-- soon when its client is gone.
select
  set_config('application_name', 'pgnetty listen ' || $1::text, false),
  set_config('lock_timeout', '50ms', false),
  set_config('statement_timeout', '0', false),
  set_config('idle_session_timeout', '0', false),
  set_config('tcp_keepalives_idle', '10', false),
  set_config('tcp_keepalives_interval', '5', false),
  set_config('tcp_keepalives_count', '3', false),
  set_config('tcp_user_timeout', '20000', false)
