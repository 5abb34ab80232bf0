-- Carries out an order of the page: net.operate. Index: the primary keys.
select net.operate($1, $2) as taken
