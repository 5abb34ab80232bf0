-- Parks the due requests that no claim can read; gives how many. Indexes and locks: see net.park_unreadable.
select net.park_unreadable() as parked
