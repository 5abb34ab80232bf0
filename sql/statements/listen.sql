-- Notifications come from the trigger notify_bridges, net.wake() and net.worker_restart(). On a connection of its own.
listen pgnetty
