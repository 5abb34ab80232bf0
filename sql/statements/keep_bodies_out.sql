-- Keeps the parameters of this session's statements, which are bodies, out of the server's log, where this role may decide that: a
-- superuser, or one that was given the right to set it. No index: no table.
select set_config('log_parameter_max_length', '0', false) as length
where has_parameter_privilege('log_parameter_max_length', 'set')
