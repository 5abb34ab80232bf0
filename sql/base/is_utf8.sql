-- API: helper
-- Whether bytes are UTF-8. Only a SQL_ASCII database has to ask: any other knows its text.
create or replace function net.is_utf8(bytes bytea)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if getdatabaseencoding() = 'SQL_ASCII' then
    perform convert_from(bytes, 'UTF8');
  end if;
  return true;
exception
  when character_not_in_repertoire or untranslatable_character then
    return false;
end
$$;
