-- The log in blocks: what a group appends to a log is one row, packed. A block is found by its last
-- number; `recorded_at` is that of its last event.

CREATE TABLE event_blocks (
    organization_id {id} NOT NULL,
    last_sequence BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    entries {bytes} NOT NULL,
    PRIMARY KEY (organization_id, last_sequence)
);
