-- What several nodes on one database must know of each other's work.

-- Raised by every group that changes anything that a node may have in memory; the second one only by
-- changes of nouns.
ALTER TABLE organizations ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN catalog_revision BIGINT NOT NULL DEFAULT 0;

-- What is true of this database as a whole. The fingerprint names the master key that secrets are
-- sealed with, and gives nothing of it away.
CREATE TABLE installation (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    master_key_id {bytes} NOT NULL
);
