-- An outcome is kept as long as its request can come again: a day for one with an Idempotency-Key,
-- minutes for one that is signed. Those from before are kept for a day after they were made.

ALTER TABLE idempotency_keys ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
UPDATE idempotency_keys SET expires_at = created_at + 86400000000;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (organization_id, expires_at);
