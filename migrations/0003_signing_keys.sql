-- Keys of callers that sign their requests, and where applications are meant to run.

-- `sealed` holds the secret, which verifying a signature needs whole.
CREATE TABLE signing_keys (
    organization_id {id} NOT NULL,
    key_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed {bytes} NOT NULL,
    allows_legacy BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (organization_id, key_id)
);

ALTER TABLE applications ADD COLUMN environments TEXT NOT NULL DEFAULT '[]';
