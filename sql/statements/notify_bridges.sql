-- Notifies the other bridges: more is due than this bridge has slots for, and senders do not notify while it polls.
select pg_notify('pgnetty', '')
