-- The bell: rung by the trigger ring, by net.wake() and by net.worker_restart(). On a connection of its own.
listen pgnetty
