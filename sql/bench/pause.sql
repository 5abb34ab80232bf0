-- Nothing is sent for now: what senders pay by themselves.
select net.pause()
