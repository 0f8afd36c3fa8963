-- People and their sessions. A person may be in several organizations, so users and sessions are no
-- data of a tenant: what they may do is in memberships, whose key begins with the organization.

CREATE TABLE users (
    id {id} NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    has_initial_password BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE memberships (
    organization_id {id} NOT NULL,
    user_id {id} NOT NULL,
    role TEXT NOT NULL CHECK (role = 'viewer' OR role = 'reporter' OR role = 'manager'
        OR role = 'admin'),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id, organization_id);

-- Of a session's token only the hash is stored. It is held by a person, or by the API key of that id
-- in the organization that it acts in.
CREATE TABLE sessions (
    token_hash {bytes} NOT NULL PRIMARY KEY,
    id {id} NOT NULL UNIQUE,
    user_id {id},
    key_id TEXT,
    organization_id {id} NOT NULL,
    csrf_secret {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    CHECK ((user_id IS NULL AND key_id IS NOT NULL) OR (user_id IS NOT NULL AND key_id IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_by_organization ON sessions (organization_id, id);
