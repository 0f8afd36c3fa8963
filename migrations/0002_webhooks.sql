-- Webhooks and what became of their deliveries. `sealed` holds what may be a credential.

CREATE TABLE webhooks (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    revision BIGINT NOT NULL,
    config TEXT NOT NULL,
    sealed {bytes} NOT NULL,
    state TEXT NOT NULL,
    state_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- How far a webhook has come. `outstanding` are the numbers up to `seen` that are not settled.
CREATE TABLE webhook_progress (
    organization_id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    seen BIGINT NOT NULL,
    outstanding TEXT NOT NULL,
    health TEXT NOT NULL,
    PRIMARY KEY (organization_id, webhook_id)
);

-- Deliveries that their first attempt did not make within a second.
CREATE TABLE deliveries (
    organization_id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    sequence BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'delivered' OR state = 'retrying' OR state = 'dead'
        OR state = 'skipped'),
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, webhook_id, sequence)
) {clustered};
CREATE INDEX deliveries_due ON deliveries (organization_id, webhook_id, next_at)
    WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_state ON deliveries (organization_id, webhook_id, state, sequence);
CREATE INDEX deliveries_by_age ON deliveries (organization_id, last_at);

-- Deliveries that their first attempt made at once: many in a row, since most are.
CREATE TABLE delivered (
    organization_id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    id {id} NOT NULL,
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    entries TEXT NOT NULL,
    PRIMARY KEY (organization_id, webhook_id, id)
);
CREATE INDEX delivered_by_sequence ON delivered (organization_id, webhook_id, last_sequence);
CREATE INDEX delivered_by_age ON delivered (organization_id, id);

-- All other attempts.
CREATE TABLE attempts (
    organization_id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    sequence BIGINT NOT NULL,
    id {id} NOT NULL,
    number BIGINT NOT NULL,
    reason TEXT NOT NULL,
    job_id {id},
    at BIGINT NOT NULL,
    exchange TEXT NOT NULL,
    PRIMARY KEY (organization_id, webhook_id, sequence, id)
);
CREATE INDEX attempts_by_age ON attempts (organization_id, id);

-- Resends and replays, with how far they have come.
CREATE TABLE webhook_jobs (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'running' OR state = 'finished' OR state = 'stopped'),
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    position BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX webhook_jobs_by_webhook ON webhook_jobs (organization_id, webhook_id, id);
