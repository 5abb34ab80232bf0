-- What of schema net is not there. The catalog's own indexes.
select net.missing_parts() as part
