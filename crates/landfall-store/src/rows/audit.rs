//! The audit log: administrative changes, which webhooks never see.

use landfall_domain::event::AuditEntry;
use landfall_domain::id::{AuditId, IdSource, OrganizationId};
use landfall_domain::time::Timestamp;

use crate::driver::{Connection, Drafting, Row, Value};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO audit_log (organization_id, id, at, key_id, action, subject) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const LIST: &str = "SELECT id, at, key_id, action, subject FROM audit_log \
    WHERE organization_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

/// An entry as it is stored.
#[derive(Clone, Debug)]
pub struct StoredAudit {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// By which API key, or the e-mail address of the person.
    pub key_id: String,
    /// What was done, such as `key.created`.
    pub action: String,
    /// To what.
    pub subject: String,
}

fn decode(row: &Row<'_>) -> Result<StoredAudit, StoreError> {
    Ok(StoredAudit {
        id: AuditId::from_uuid(row.uuid(0)?),
        at: row.time(1)?,
        key_id: row.text(2)?,
        action: row.text(3)?,
        subject: row.text(4)?,
    })
}

/// The entries before an id, newest first.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
    before: AuditId,
    limit: i64,
) -> Result<Vec<StoredAudit>, StoreError> {
    db.read(LIST, &[organization.into(), before.into(), limit.into()], decode)
}

/// Appends entries.
pub fn append(
    db: &mut Connection,
    entries: &[AuditEntry],
    ids: &mut IdSource,
) -> Result<(), StoreError> {
    db.write_later(INSERT, rows(entries, ids))
}

/// The same together with what a group changes.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    entries: &[AuditEntry],
    ids: &mut IdSource,
) -> Result<(), StoreError> {
    draft.write(INSERT, rows(entries, ids))
}

fn rows<'e>(entries: &'e [AuditEntry], ids: &mut IdSource) -> impl Iterator<Item = [Value<'e>; 6]> {
    entries.iter().map(|entry| {
        [
            Value::from(entry.organization),
            ids.next::<landfall_domain::id::AuditKind>(entry.at).into(),
            entry.at.into(),
            (&entry.by).into(),
            (&entry.action).into(),
            (&entry.subject).into(),
        ]
    })
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, LIST];
