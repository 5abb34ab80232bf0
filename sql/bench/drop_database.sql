-- Takes the bench's database back, with whoever is still connected to it. No index.
drop database if exists pgnetty_bench with (force)
