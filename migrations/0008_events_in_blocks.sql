-- The events were moved into blocks.

DROP TABLE events;
