-- Drops the rule of target $1, which is gone. Index: host_rule_pkey.
select net.drop_host_rule($1)
