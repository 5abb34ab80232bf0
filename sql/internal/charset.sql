-- API: helper
-- The registered (IANA) name of the database's encoding; null where it has none (SQL_ASCII).
create or replace function net.charset()
returns text
language sql
stable
parallel safe
return case pg_catalog.getdatabaseencoding()
  when 'SQL_ASCII' then null
  when 'UTF8' then 'UTF-8'
  when 'LATIN1' then 'ISO-8859-1'
  when 'LATIN2' then 'ISO-8859-2'
  when 'LATIN3' then 'ISO-8859-3'
  when 'LATIN4' then 'ISO-8859-4'
  when 'LATIN5' then 'ISO-8859-9'
  when 'LATIN6' then 'ISO-8859-10'
  when 'LATIN7' then 'ISO-8859-13'
  when 'LATIN8' then 'ISO-8859-14'
  when 'LATIN9' then 'ISO-8859-15'
  when 'LATIN10' then 'ISO-8859-16'
  when 'ISO_8859_5' then 'ISO-8859-5'
  when 'ISO_8859_6' then 'ISO-8859-6'
  when 'ISO_8859_7' then 'ISO-8859-7'
  when 'ISO_8859_8' then 'ISO-8859-8'
  when 'EUC_JP' then 'EUC-JP'
  when 'EUC_KR' then 'EUC-KR'
  when 'EUC_CN' then 'GB2312'
  when 'KOI8R' then 'KOI8-R'
  when 'KOI8U' then 'KOI8-U'
  else pg_catalog.regexp_replace(pg_catalog.getdatabaseencoding(), '^WIN', 'windows-')
end;
