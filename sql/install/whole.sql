-- Refuses a schema that is not all there, which no step would mend.
do $whole$
declare
  missing constant text[] := array(select net.missing_parts());
begin
  if missing <> '{}' then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = pg_catalog.format(
        'schema "net" is not whole: %s%s',
        pg_catalog.array_to_string(missing[:3], ', '),
        case
          when pg_catalog.cardinality(missing) > 3 then pg_catalog.format(' and %s more', pg_catalog.cardinality(missing) - 3)
          else ''
        end || case when pg_catalog.cardinality(missing) = 1 then ' is missing' else ' are missing' end
      ),
      hint = 'After a restore that was cut short, restore it to its end. What somebody has dropped or disabled is in sql/schema, and to be made or enabled (alter table ... enable trigger) again. The last way, which loses all requests and responses: drop schema net cascade; and install.';
  end if;
end
$whole$;
