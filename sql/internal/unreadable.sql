-- API: private
-- Why a request cannot be claimed; null where it can. Reads all of it, as a claim does.
create or replace function net.unreadable(request_id bigint)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  request record;
  texts text;
begin
  -- Here, as a value that is damaged fails where it is read.
  select q.method, q.url, q.host, q.headers, q.body
  into request
  from net.http_request_queue q
  where q.id = request_id;
  texts := concat(request.method, request.url, request.host, request.headers::text);
  if getdatabaseencoding() = 'SQL_ASCII' then
    perform convert_from(convert_to(texts, 'SQL_ASCII'), 'UTF8');
  else
    perform convert_to(texts, 'UTF8');
  end if;
  perform sha256(request.body);
  return case when length(request.host) > 255 then 'its host has more than 255 characters' end;
exception
  when others then
    return sqlerrm;
end
$$;
