-- How several nodes on one database divide the webhooks among them. Nobody writes to these tables
-- where one process owns the data.

-- A node is alive as long as its row is here: whoever finds that `seen_until` has passed removes it, and
-- then what it held is free. Times are the database's own.
CREATE TABLE nodes (
    id {id} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_until BIGINT NOT NULL,
    -- The last change of webhooks that is in force there.
    changes_read BIGINT NOT NULL
);

-- Which node sends for the webhooks of a slot. The epoch grows each time a slot is taken, so that who
-- had it before can't store anything for it any more.
CREATE TABLE leases (
    slot BIGINT NOT NULL PRIMARY KEY,
    node_id {id},
    epoch BIGINT NOT NULL
);

-- What was done to webhooks, for the nodes that did not do it. Numbered without gaps in the order of
-- commits, and soon forgotten.
CREATE TABLE webhook_changes (
    number BIGINT NOT NULL PRIMARY KEY,
    organization_id {id} NOT NULL,
    webhook_id {id} NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'edited' OR kind = 'job' OR kind = 'delivered'
        OR kind = 'skipped'),
    sequence BIGINT
);
CREATE TABLE webhook_changes_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL
);
INSERT INTO webhook_changes_head (id, number) VALUES (1, 0);

-- Who takes over a webhook goes on with its jobs.
CREATE INDEX webhook_jobs_running ON webhook_jobs (organization_id, id) WHERE state = 'running';
