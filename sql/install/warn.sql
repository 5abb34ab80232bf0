-- Warns of what the one who installs has to know, and does not see from here.
do $warn$
declare
  warning text;
begin
  for warning in
    select *
    from net.replications()
  loop
    raise warning '%', warning;
  end loop;
end
$warn$;
