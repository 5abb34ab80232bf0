-- What copies tables of schema net, for whoever installed. Indexes: see net.replications.
select r.warning
from net.replications() r (warning)
