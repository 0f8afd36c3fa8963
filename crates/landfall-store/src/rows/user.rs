//! People who may sign in. They are no data of a tenant: one person may be in several organizations.

use landfall_domain::id::UserId;
use landfall_domain::time::Timestamp;
use landfall_domain::user::{Email, User};

use crate::driver::{Connection, Row};
use crate::error::StoreError;

const FIND: &str = "SELECT id, email, name, created_at, password_changed_at, \
    has_initial_password, disabled_at FROM users WHERE id = ?1";
const FIND_WITH_PASSWORD: &str = "SELECT id, email, name, created_at, password_changed_at, \
    has_initial_password, disabled_at, password_hash FROM users WHERE email = ?1";
const INSERT: &str = "INSERT INTO users (id, email, name, password_hash, password_changed_at, \
    has_initial_password, created_at, disabled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const UPDATE: &str = "UPDATE users SET name = ?2, disabled_at = ?3 WHERE id = ?1";
const SET_PASSWORD: &str = "UPDATE users SET password_hash = ?2, password_changed_at = ?3, \
    has_initial_password = ?4 WHERE id = ?1";
const DELETE: &str = "DELETE FROM users WHERE id = ?1";

/// Reads a user from seven columns, from `first` on.
pub(crate) fn decode(row: &Row<'_>, first: usize) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::from_uuid(row.uuid(first)?),
        email: email(row.str(first + 1)?)?,
        name: row.text(first + 2)?,
        created_at: row.time(first + 3)?,
        password_changed_at: row.time(first + 4)?,
        has_initial_password: row.truth(first + 5)?,
        disabled_at: row.time_or_null(first + 6)?,
    })
}

/// Reads an address that was checked before it was stored.
pub(crate) fn email(stored: &str) -> Result<Email, StoreError> {
    Email::parse(stored).map_err(|error| StoreError::corrupt("e-mail address", error))
}

/// The user of that id.
pub fn find(db: &mut Connection, id: UserId) -> Result<Option<User>, StoreError> {
    db.read_one(FIND, &[id.into()], |row| decode(row, 0))
}

/// The user of that address, and the hash of their password.
pub fn find_with_password(
    db: &mut Connection,
    email: &Email,
) -> Result<Option<(User, String)>, StoreError> {
    db.read_one(FIND_WITH_PASSWORD, &[email.as_str().into()], |row| {
        Ok((decode(row, 0)?, row.text(7)?))
    })
}

/// Adds a user.
pub fn insert(db: &mut Connection, user: &User, password_hash: &str) -> Result<(), StoreError> {
    let User {
        id,
        email,
        name,
        created_at,
        password_changed_at,
        has_initial_password,
        disabled_at,
    } = user;
    let row = [
        (*id).into(),
        email.as_str().into(),
        name.into(),
        password_hash.into(),
        (*password_changed_at).into(),
        (*has_initial_password).into(),
        (*created_at).into(),
        (*disabled_at).into(),
    ];
    db.write_many(INSERT, [row]).map(|_| ())
}

/// Stores name, and whether they are disabled.
pub fn update(db: &mut Connection, user: &User) -> Result<(), StoreError> {
    let row = [user.id.into(), (&user.name).into(), user.disabled_at.into()];
    db.write_many(UPDATE, [row]).map(|_| ())
}

/// Stores another password, and whether it was made for them.
pub fn set_password(
    db: &mut Connection,
    id: UserId,
    password_hash: &str,
    at: Timestamp,
    is_initial: bool,
) -> Result<(), StoreError> {
    let row = [id.into(), password_hash.into(), at.into(), is_initial.into()];
    db.write_many(SET_PASSWORD, [row]).map(|_| ())
}

/// Forgets a user.
pub fn delete(db: &mut Connection, id: UserId) -> Result<(), StoreError> {
    db.write_many(DELETE, [[id.into()]]).map(|_| ())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[FIND, FIND_WITH_PASSWORD, INSERT, UPDATE, SET_PASSWORD, DELETE];
