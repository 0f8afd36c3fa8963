-- Blocks of events are packed, so PostgreSQL need not try to compress them once more before it stores them.
-- Whoever reads the table for long, such as a backup, would hold this up, and this everybody else; so the node
-- that can't have the table for itself at once does not start, and is started again.
{postgresql} SET LOCAL lock_timeout = '5s';
{postgresql} ALTER TABLE event_blocks ALTER COLUMN entries SET STORAGE EXTERNAL;
