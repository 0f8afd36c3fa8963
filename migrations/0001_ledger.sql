-- The ledger. One text for both engines: `{id}` is a UUID's 16 bytes, `{bytes}` are bytes,
-- `{clustered}` keeps a table in the order of its key where the engine can. Times are microseconds
-- since 1970, JSON is text. Every key of tenant data begins with the organization.
-- Checks are chains of OR, since SQLite builds a temporary table for an IN of more than two words.

CREATE TABLE organizations (
    id {id} NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    next_sequence BIGINT NOT NULL,
    next_key BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    organization_id {id} NOT NULL,
    key_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    default_project_id {id},
    secret_hash {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (organization_id, key_id)
);

CREATE TABLE teams (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE projects (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    description TEXT,
    team_id {id},
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX projects_by_name ON projects (organization_id, name)
    WHERE deleted_at IS NULL;

CREATE TABLE applications (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    project_id {id} NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    description TEXT,
    repository TEXT,
    team_id {id},
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX applications_by_name ON applications (organization_id, project_id, name)
    WHERE deleted_at IS NULL;

CREATE TABLE environments (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type = 'development' OR type = 'testing' OR type = 'staging'
        OR type = 'preview' OR type = 'production'),
    team_id {id},
    url TEXT,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX environments_by_code ON environments (organization_id, code)
    WHERE deleted_at IS NULL;

CREATE TABLE versions (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    application_id {id} NOT NULL,
    name TEXT NOT NULL,
    commit_sha TEXT,
    is_pinned BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    open_builds TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX versions_by_name ON versions (organization_id, application_id, name);
CREATE INDEX versions_by_commit ON versions (organization_id, commit_sha)
    WHERE commit_sha IS NOT NULL;

CREATE TABLE builds (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    application_id {id} NOT NULL,
    version_id {id} NOT NULL,
    identity {bytes} NOT NULL,
    status TEXT NOT NULL CHECK (status = 'completed' OR status = 'started' OR status = 'failed'
        OR status = 'aborted' OR status = 'pending'),
    ended_at BIGINT,
    source_id TEXT,
    invoke_id TEXT,
    reports TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX builds_open ON builds (organization_id, identity, id) WHERE ended_at IS NULL;
CREATE INDEX builds_ended ON builds (organization_id, identity, ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX builds_by_application ON builds (organization_id, application_id, id);

-- `completed_at` is set only where the deployment counts as completed. What is open is found by an
-- index of its own, which stays small, so that an identity costs the large index one entry only.
CREATE TABLE deployments (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    application_id {id} NOT NULL,
    environment_id {id} NOT NULL,
    target TEXT NOT NULL,
    version_id {id} NOT NULL,
    identity {bytes} NOT NULL,
    status TEXT NOT NULL CHECK (status = 'completed' OR status = 'started' OR status = 'failed'
        OR status = 'aborted' OR status = 'pending'),
    ended_at BIGINT,
    completed_at BIGINT,
    source_id TEXT,
    invoke_id TEXT,
    reports TEXT NOT NULL,
    voided TEXT,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX deployments_open ON deployments (organization_id, identity, id)
    WHERE ended_at IS NULL;
CREATE INDEX deployments_ended ON deployments (organization_id, identity, ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX deployments_completed ON deployments
    (organization_id, application_id, environment_id, target, completed_at, identity)
    WHERE completed_at IS NOT NULL;
CREATE INDEX deployments_by_application ON deployments (organization_id, application_id, id);
CREATE INDEX deployments_by_environment ON deployments (organization_id, environment_id, id);

-- One row per application, environment and target: `state` is what decisions need, `shown` is what
-- clients see, ready to be copied into an answer. `open_news_at` is set while something is open.
-- Stored in the order of its key, so that the matrix is read from one end to the other.
CREATE TABLE cells (
    organization_id {id} NOT NULL,
    application_id {id} NOT NULL,
    environment_id {id} NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    shown TEXT NOT NULL,
    open_news_at BIGINT,
    reported_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (organization_id, application_id, environment_id, target)
) {clustered};
CREATE INDEX cells_by_environment ON cells (organization_id, environment_id);

CREATE TABLE events (
    organization_id {id} NOT NULL,
    sequence BIGINT NOT NULL,
    type TEXT NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
);

CREATE TABLE idempotency_keys (
    organization_id {id} NOT NULL,
    key_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash {bytes} NOT NULL,
    outcome TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (organization_id, created_at);

CREATE TABLE refused_reports (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    at BIGINT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    dialect TEXT NOT NULL,
    request TEXT NOT NULL,
    key_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE audit_log (
    organization_id {id} NOT NULL,
    id {id} NOT NULL,
    at BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
