-- API: public
-- As pg_net has it: the parameters, name=value and encoded already, appended to the URL's query, before any fragment. A path that is empty
-- becomes /, as its HTTP library writes it.
create or replace function net._encode_url_with_params_array(url text, params_array text[])
returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
  select case when cardinality(params) = 0 then whole else net.with_query(whole, array_to_string(params, '&')) end
  from (
    select
      case
        when substr(url, length(authority) + 1, 1) = '/' then url
        else concat(authority, '/', substr(url, length(authority) + 1))
      end as whole,
      array_remove(params_array, null) as params
    from coalesce(substring(url from '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*'), '') authority
  ) u
$$;
