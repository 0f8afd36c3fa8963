//! Sessions of the dashboard, found by the hash of their token.

use landfall_domain::id::{OrganizationId, SessionId, UserId};
use landfall_domain::session::{Holder, SessionRecord};
use landfall_domain::time::Timestamp;
use landfall_domain::user::Email;

use super::user;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const FIND: &str = "SELECT s.id, s.user_id, s.key_id, s.organization_id, s.csrf_secret, \
    s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.address, u.email \
    FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?1";
const FIND_BY_ID: &str = "SELECT s.id, s.user_id, s.key_id, s.organization_id, s.csrf_secret, \
    s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.address, u.email \
    FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.id = ?1";
const OF_USER: &str = "SELECT s.id, s.user_id, s.key_id, s.organization_id, s.csrf_secret, \
    s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.address, u.email \
    FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.user_id = ?1 ORDER BY s.id DESC";
const OF_ORGANIZATION: &str = "SELECT s.id, s.user_id, s.key_id, s.organization_id, s.csrf_secret, \
    s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.address, u.email \
    FROM sessions s LEFT JOIN users u ON u.id = s.user_id \
    WHERE s.organization_id = ?1 ORDER BY s.id DESC";
const INSERT: &str = "INSERT INTO sessions (token_hash, id, user_id, key_id, organization_id, \
    csrf_secret, created_at, last_seen_at, expires_at, user_agent, address) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const SEEN: &str = "UPDATE sessions SET last_seen_at = ?2 WHERE id = ?1";
const SWITCH: &str = "UPDATE sessions SET organization_id = ?2 WHERE id = ?1";
const END: &str = "DELETE FROM sessions WHERE id = ?1";
const END_OF_USER: &str = "DELETE FROM sessions WHERE user_id = ?1";
const END_OF_MEMBER: &str = "DELETE FROM sessions WHERE organization_id = ?1 AND user_id = ?2";
const END_OTHERS_OF_USER: &str = "DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2";
const END_OTHERS_OF_KEY: &str =
    "DELETE FROM sessions WHERE organization_id = ?1 AND key_id = ?2 AND id <> ?3";
const END_OF_KEY: &str = "DELETE FROM sessions WHERE organization_id = ?1 AND key_id = ?2";
const END_OLDEST_OF_USER: &str = "DELETE FROM sessions WHERE user_id = ?1 AND id <= \
    (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
const END_OLDEST_OF_KEY: &str = "DELETE FROM sessions WHERE organization_id = ?1 AND key_id = ?2 \
    AND id <= (SELECT id FROM sessions WHERE organization_id = ?1 AND key_id = ?2 \
    ORDER BY id DESC LIMIT 1 OFFSET ?3)";
const ENDED: &str =
    "SELECT id FROM sessions WHERE expires_at <= ?1 OR last_seen_at <= ?2 ORDER BY id";

/// One more session of the same person or key ends the oldest of them.
const PER_HOLDER_MAX: i64 = 100;

/// A session, and the address of the person who holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// What is remembered of it.
    pub record: SessionRecord,
    /// Who holds it; none if a key does.
    pub email: Option<Email>,
}

fn decode(row: &Row<'_>) -> Result<StoredSession, StoreError> {
    let holder = match row.uuid_or_null(1)? {
        Some(id) => Holder::User(UserId::from_uuid(id)),
        None => Holder::Key(row.text(2)?),
    };
    let secret = row.bytes(4)?.try_into();
    let record = SessionRecord {
        id: SessionId::from_uuid(row.uuid(0)?),
        holder,
        organization: OrganizationId::from_uuid(row.uuid(3)?),
        csrf_secret: secret.map_err(|error| StoreError::corrupt("session", error))?,
        created_at: row.time(5)?,
        last_seen_at: row.time(6)?,
        expires_at: row.time(7)?,
        user_agent: row.text(8)?,
        address: row.text(9)?,
    };
    let email = row.text_or_null(10)?.map(|stored| user::email(&stored)).transpose()?;
    Ok(StoredSession { record, email })
}

/// The session of a token with that hash, live or not.
pub fn find(
    db: &mut Connection,
    token_hash: &[u8; 32],
) -> Result<Option<StoredSession>, StoreError> {
    db.read_one(FIND, &[token_hash.into()], decode)
}

/// The session of that id, live or not.
pub fn find_by_id(db: &mut Connection, id: SessionId) -> Result<Option<StoredSession>, StoreError> {
    db.read_one(FIND_BY_ID, &[id.into()], decode)
}

/// The sessions of a person in every organization, newest first, live or not.
pub fn of_user(db: &mut Connection, id: UserId) -> Result<Vec<StoredSession>, StoreError> {
    db.read(OF_USER, &[id.into()], decode)
}

/// The sessions that look at an organization, newest first, live or not.
pub fn of_organization(
    db: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<StoredSession>, StoreError> {
    db.read(OF_ORGANIZATION, &[organization.into()], decode)
}

/// Adds a session, and ends the oldest of its holder if there are too many.
pub fn insert(
    db: &mut Connection,
    token_hash: &[u8; 32],
    session: &SessionRecord,
) -> Result<(), StoreError> {
    let (user, key) = match &session.holder {
        Holder::User(id) => (Some(*id), None),
        Holder::Key(key_id) => (None, Some(key_id)),
    };
    let row = [
        token_hash.into(),
        session.id.into(),
        user.into(),
        key.into(),
        session.organization.into(),
        (&session.csrf_secret).into(),
        session.created_at.into(),
        session.last_seen_at.into(),
        session.expires_at.into(),
        (&session.user_agent).into(),
        (&session.address).into(),
    ];
    db.write_many(INSERT, [row])?;
    end_oldest(db, session)
}

fn end_oldest(db: &mut Connection, session: &SessionRecord) -> Result<(), StoreError> {
    let ended = match &session.holder {
        Holder::User(id) => {
            db.write_many(END_OLDEST_OF_USER, [[Value::from(*id), PER_HOLDER_MAX.into()]])
        }
        Holder::Key(key_id) => {
            let key = [session.organization.into(), key_id.into(), PER_HOLDER_MAX.into()];
            db.write_many(END_OLDEST_OF_KEY, [key])
        }
    };
    ended.map(|_| ())
}

/// Notes that a session was used.
pub fn seen(db: &mut Connection, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
    db.write_many(SEEN, [[Value::from(id), at.into()]]).map(|_| ())
}

/// Lets a session look at another organization.
pub fn switch(
    db: &mut Connection,
    id: SessionId,
    organization: OrganizationId,
) -> Result<(), StoreError> {
    db.write_many(SWITCH, [[Value::from(id), organization.into()]]).map(|_| ())
}

/// Ends a session; false if there is none.
pub fn end(db: &mut Connection, id: SessionId) -> Result<bool, StoreError> {
    Ok(db.write_many(END, [[id.into()]])? > 0)
}

/// Ends every session of a session's holder but that one; says how many.
pub fn end_others(db: &mut Connection, kept: &SessionRecord) -> Result<u64, StoreError> {
    match &kept.holder {
        Holder::User(id) => db.write_many(END_OTHERS_OF_USER, [[Value::from(*id), kept.id.into()]]),
        Holder::Key(key_id) => {
            let key = [kept.organization.into(), key_id.into(), kept.id.into()];
            db.write_many(END_OTHERS_OF_KEY, [key])
        }
    }
}

/// Ends every session of a person.
pub fn end_of_user(db: &mut Connection, id: UserId) -> Result<(), StoreError> {
    db.write_many(END_OF_USER, [[id.into()]]).map(|_| ())
}

/// Ends every session of a person that looks at an organization.
pub fn end_of_member(
    db: &mut Connection,
    organization: OrganizationId,
    id: UserId,
) -> Result<(), StoreError> {
    db.write_many(END_OF_MEMBER, [[organization.into(), id.into()]]).map(|_| ())
}

/// Ends every session that was opened with a key.
pub fn end_of_key(
    db: &mut Connection,
    organization: OrganizationId,
    key_id: &str,
) -> Result<(), StoreError> {
    db.write_many(END_OF_KEY, [[organization.into(), key_id.into()]]).map(|_| ())
}

/// Forgets the sessions that have ended by themselves: one after the other by their ids, the order in
/// which a holder's sessions are ended, lest two nodes wait for each other.
pub fn prune(db: &mut Connection, now: Timestamp) -> Result<u64, StoreError> {
    let idle_since = now - SessionRecord::IDLE_MAX;
    let ended = db.read(ENDED, &[now.into(), idle_since.into()], |row| row.uuid(0))?;
    db.write_many(END, ended.into_iter().map(|id| [Value::from(SessionId::from_uuid(id))]))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    FIND_BY_ID,
    OF_USER,
    OF_ORGANIZATION,
    INSERT,
    SEEN,
    SWITCH,
    END,
    END_OF_USER,
    END_OF_MEMBER,
    END_OTHERS_OF_USER,
    END_OTHERS_OF_KEY,
    END_OF_KEY,
    END_OLDEST_OF_USER,
    END_OLDEST_OF_KEY,
    ENDED,
];
