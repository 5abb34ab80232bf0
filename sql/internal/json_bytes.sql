-- API: helper
-- The bytes of a JSON document. They carry the database's encoding in the one way that every receiver of JSON reads
-- (RFC 8259, section 8.1): a UTF8 database sends UTF-8; any other escapes what is not ASCII, so that the bytes are valid
-- in both; SQL_ASCII has only bytes and sends them.
-- Functions of webhooks call it, also those that an earlier version made: its name and arguments stay.
create or replace function net.json_bytes(value text)
returns bytea
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  document text := value;
  letter text;
  utf8 bytea;
  lead integer;
  code integer;
begin
  if getdatabaseencoding() in ('UTF8', 'SQL_ASCII') then
    return convert_to(document, getdatabaseencoding());
  end if;
  if document !~ '[^ -~]' then
    return convert_to(document, 'UTF8');
  end if;

  for letter in
    select distinct m[1] from regexp_matches(document, '[^ -~]', 'g') m
  loop
    utf8 := convert_to(letter, 'UTF8');
    lead := get_byte(utf8, 0);
    code := case length(utf8) when 1 then lead when 2 then lead & 31 when 3 then lead & 15 else lead & 7 end;
    for i in 1 .. length(utf8) - 1 loop
      code := (code << 6) | (get_byte(utf8, i) & 63);
    end loop;
    document := replace(
      document,
      letter,
      case
        when code < 65536 then chr(92) || 'u' || lpad(to_hex(code), 4, '0')
        else chr(92) || 'u' || to_hex(55296 + ((code - 65536) >> 10))
          || chr(92) || 'u' || to_hex(56320 + ((code - 65536) & 1023))
      end
    );
  end loop;
  return convert_to(document, 'UTF8');
end
$$;
