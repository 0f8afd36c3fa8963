//! Reports that were refused, kept with their reason.

use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::report::RefusedReport;
use landfall_domain::time::Timestamp;

use crate::driver::{Connection, Drafting, Row, Value};
use crate::error::StoreError;

/// More refused reports of one organization than this are forgotten, oldest first.
pub const KEPT_MAX: i64 = 1_000;

const INSERT: &str = "INSERT INTO refused_reports \
    (organization_id, id, at, code, detail, dialect, request, key_id, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const TRIM: &str = "DELETE FROM refused_reports WHERE organization_id = ?1 AND id <= \
    (SELECT id FROM refused_reports WHERE organization_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
const PRUNE: &str = "DELETE FROM refused_reports WHERE organization_id = ?1 AND at < ?2";
const LIST: &str = "SELECT id, at, code, detail, dialect, request, key_id, body \
    FROM refused_reports WHERE organization_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

/// A refused report as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRefused {
    /// Its id.
    pub id: RefusedId,
    /// When it arrived.
    pub at: Timestamp,
    /// The refusal's stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// Which interface it came through.
    pub dialect: String,
    /// The method and path of the request.
    pub request: String,
    /// The key it came with.
    pub key_id: String,
    /// The beginning of its body.
    pub body: String,
}

fn decode(row: &Row<'_>) -> Result<StoredRefused, StoreError> {
    Ok(StoredRefused {
        id: RefusedId::from_uuid(row.uuid(0)?),
        at: row.time(1)?,
        code: row.text(2)?,
        detail: row.text(3)?,
        dialect: row.text(4)?,
        request: row.text(5)?,
        key_id: row.text(6)?,
        body: row.text(7)?,
    })
}

/// The refused reports before an id, newest first.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
    before: RefusedId,
    limit: i64,
) -> Result<Vec<StoredRefused>, StoreError> {
    db.read(LIST, &[organization.into(), before.into(), limit.into()], decode)
}

/// Drafts the rows of refused reports, and the removal of the oldest beyond the bound.
pub(crate) fn keep(
    draft: &mut Drafting<'_>,
    refused: &[(OrganizationId, RefusedId, RefusedReport)],
) -> Result<(), StoreError> {
    let rows = refused.iter().map(|(organization, id, report)| {
        [
            Value::from(*organization),
            (*id).into(),
            report.at.into(),
            (&report.code).into(),
            (&report.detail).into(),
            report.dialect.into(),
            (&report.request).into(),
            (&report.key_id).into(),
            (&report.body).into(),
        ]
    });
    draft.write(INSERT, rows)?;
    let mut organizations: Vec<_> =
        refused.iter().map(|(organization, _, _)| *organization).collect();
    organizations.sort_unstable();
    organizations.dedup();
    let rows = organizations.into_iter().map(|id| [Value::from(id), KEPT_MAX.into()]);
    draft.write(TRIM, rows)
}

/// Forgets what arrived before a time.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    db.write_many(PRUNE, [[Value::from(organization), before.into()]])
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, TRIM, PRUNE, LIST];
