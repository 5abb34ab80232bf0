-- API: helper
-- A body as people read it: text where it is valid text of this database, hexadecimal (\x...) where it is not.
create or replace function net.body_text(body bytea)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return convert_from(body, getdatabaseencoding());
exception
  when character_not_in_repertoire or untranslatable_character or data_exception then
    return '\x' || encode(body, 'hex');
end
$$;
