-- Says in the catalog what installed the schema, for those who look there, and for a later install.
comment on schema net is 'pgnetty {version}';
