-- Of a session that turned out to be a pooler's, and others will have.
unlisten pgnetty
