-- The views of install --monitor, and what a bridge's own role may do, are made with each install and need no step. A bridge, and status,
-- must not take an earlier schema for one that has them.
null;
