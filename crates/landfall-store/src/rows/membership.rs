//! Who is in which organization, and what they may do there.

use landfall_domain::id::{OrganizationId, UserId};
use landfall_domain::role::Role;
use landfall_domain::time::Timestamp;
use landfall_domain::user::Member;

use super::user;
use crate::driver::{Connection, Row};
use crate::error::StoreError;

const LIST: &str = "SELECT m.organization_id, m.role, m.added_at, u.id, u.email, u.name, \
    u.created_at, u.password_changed_at, u.has_initial_password, u.disabled_at, \
    m.last_signed_in_at \
    FROM memberships m JOIN users u ON u.id = m.user_id \
    WHERE m.organization_id = ?1 ORDER BY u.email";
const OF_USER: &str = "SELECT o.id, o.slug, o.name, m.role \
    FROM memberships m JOIN organizations o ON o.id = m.organization_id \
    WHERE m.user_id = ?1 ORDER BY o.slug";
const INSERT: &str = "INSERT INTO memberships (organization_id, user_id, role, added_at) \
    VALUES (?1, ?2, ?3, ?4)";
const SET_ROLE: &str =
    "UPDATE memberships SET role = ?3 WHERE organization_id = ?1 AND user_id = ?2";
const NOTE_SIGN_IN: &str =
    "UPDATE memberships SET last_signed_in_at = ?3 WHERE organization_id = ?1 AND user_id = ?2";
const DELETE: &str = "DELETE FROM memberships WHERE organization_id = ?1 AND user_id = ?2";

/// An organization that a person is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub organization: OrganizationId,
    /// Its name in keys and URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What the person may do there.
    pub role: Role,
}

fn role(row: &Row<'_>, column: usize) -> Result<Role, StoreError> {
    let word = row.str(column)?;
    Role::parse(word).ok_or_else(|| StoreError::corrupt("role", format!("`{word}` is none")))
}

/// Every member of an organization, by e-mail address.
pub fn list(db: &mut Connection, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
    db.read(LIST, &[organization.into()], |row| {
        Ok(Member {
            organization: OrganizationId::from_uuid(row.uuid(0)?),
            role: role(row, 1)?,
            added_at: row.time(2)?,
            user: user::decode(row, 3)?,
            last_signed_in_at: row.time_or_null(10)?,
        })
    })
}

/// Every organization that a person is in, by slug.
pub fn of_user(db: &mut Connection, id: UserId) -> Result<Vec<Membership>, StoreError> {
    db.read(OF_USER, &[id.into()], |row| {
        Ok(Membership {
            organization: OrganizationId::from_uuid(row.uuid(0)?),
            slug: row.text(1)?,
            name: row.text(2)?,
            role: role(row, 3)?,
        })
    })
}

/// Adds a person to an organization.
pub fn insert(db: &mut Connection, member: &Member) -> Result<(), StoreError> {
    let Member { organization, user, role, added_at, last_signed_in_at: _ } = member;
    let row = [(*organization).into(), user.id.into(), role.as_str().into(), (*added_at).into()];
    db.write_many(INSERT, [row]).map(|_| ())
}

/// Stores another role.
pub fn set_role(db: &mut Connection, member: &Member) -> Result<(), StoreError> {
    let row = [member.organization.into(), member.user.id.into(), member.role.as_str().into()];
    db.write_many(SET_ROLE, [row]).map(|_| ())
}

/// Notes that a person signed in to an organization.
pub fn note_sign_in(
    db: &mut Connection,
    organization: OrganizationId,
    id: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    db.write_many(NOTE_SIGN_IN, [[organization.into(), id.into(), at.into()]]).map(|_| ())
}

/// Removes a person from an organization.
pub fn delete(
    db: &mut Connection,
    organization: OrganizationId,
    id: UserId,
) -> Result<(), StoreError> {
    db.write_many(DELETE, [[organization.into(), id.into()]]).map(|_| ())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[LIST, OF_USER, INSERT, SET_ROLE, NOTE_SIGN_IN, DELETE];
