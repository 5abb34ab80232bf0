-- A bridge holds no lock for as long.
set lock_timeout = '5s'
