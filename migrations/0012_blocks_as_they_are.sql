-- Blocks of events are packed, so PostgreSQL need not try to compress them once more before it stores them.
{postgresql} ALTER TABLE event_blocks ALTER COLUMN entries SET STORAGE EXTERNAL;
