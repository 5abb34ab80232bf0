-- API: helper
-- What is wrong with a URL, or null. No backslash stands in these patterns: a session may have switched
-- standard_conforming_strings off.
-- Functions of webhooks call it, also those that an earlier version made: its name and arguments stay.
create or replace function net.url_problem(url text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  authority text;
  port text;
begin
  if length(url) > 65536 then
    return 'url is longer than 65536 characters';
  end if;
  -- Not [[:cntrl:]]: in some encodings PostgreSQL counts letters among them.
  if url ~ ('[' || chr(1) || '-' || chr(32) || chr(127) || ']') then
    return 'url has a space or a control character: percent-encode it';
  end if;
  if url !~* '^https?://' then
    return 'url must be absolute and begin with http:// or https://';
  end if;
  authority := substring(url from '^[^:]*://([^/?#]*)');
  if strpos(authority, '@') > 0 then
    -- The functions take it off before; what is left is another @.
    return 'url does not have a valid host';
  end if;
  if strpos(authority, chr(92)) > 0 or authority !~ '^([[][0-9A-Fa-f:.]+[]]|[^]:"<>^`{|}%[]+)(:[0-9]*)?$' then
    return 'url does not have a valid host';
  end if;
  port := ltrim(substring(authority from ':([0-9]+)$'), '0');
  if authority ~ ':0+$' or length(port) > 5 or port <> '' and port::integer > 65535 then
    return 'url has a port outside 1 to 65535';
  end if;
  if net.host_of(url) is null then
    return case
      when length(authority) > 255 then 'url has a host of more than 253 characters'
      else 'url does not have a valid host'
    end;
  end if;
  -- As net.with_params writes it, too.
  if url ~* 'secret(:|%3A)' then
    return 'url: '
      || net.secret_problem(
        regexp_replace(regexp_replace(url, '%7B%7Bsecret(%3A|:)', '{{secret:', 'gi'), '%7D%7D', '}}', 'gi'));
  end if;
  return null;
end
$$;
