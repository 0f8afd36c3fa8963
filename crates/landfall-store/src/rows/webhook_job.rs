//! Resends and replays, with how far they have come.

use landfall_domain::id::{JobId, OrganizationId, WebhookId};
use landfall_domain::time::Timestamp;

use super::{sequence_of, to_i64};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO webhook_jobs (organization_id, id, webhook_id, kind, state, \
    first_sequence, last_sequence, position, delivered, failed, created_by, created_at, ended_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const ADVANCE: &str = "UPDATE webhook_jobs SET position = ?3, delivered = ?4, failed = ?5 \
    WHERE organization_id = ?1 AND id = ?2";
const END: &str = "UPDATE webhook_jobs SET state = ?3, ended_at = ?4 \
    WHERE organization_id = ?1 AND id = ?2 AND state = 'running'";
const PRUNE: &str = "DELETE FROM webhook_jobs WHERE organization_id = ?1 AND ended_at < ?2";
const FIND: &str = "SELECT organization_id, id, webhook_id, kind, state, first_sequence, \
    last_sequence, position, delivered, failed, created_by, created_at, ended_at \
    FROM webhook_jobs WHERE organization_id = ?1 AND id = ?2";
const LIST: &str = "SELECT organization_id, id, webhook_id, kind, state, first_sequence, \
    last_sequence, position, delivered, failed, created_by, created_at, ended_at \
    FROM webhook_jobs WHERE organization_id = ?1 AND webhook_id = ?2 AND id < ?3 \
    ORDER BY id DESC LIMIT ?4";
const RUNNING: &str = "SELECT organization_id, id, webhook_id, kind, state, first_sequence, \
    last_sequence, position, delivered, failed, created_by, created_at, ended_at \
    FROM webhook_jobs WHERE state = 'running'";

/// A resend or a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Whose.
    pub organization: OrganizationId,
    /// Its id.
    pub id: JobId,
    /// For which webhook.
    pub webhook: WebhookId,
    /// `replay` or `resend_failed`.
    pub kind: String,
    /// `running`, `finished` or `stopped`.
    pub state: String,
    /// The first number that it may send.
    pub first: u64,
    /// The last number that it may send.
    pub last: u64,
    /// The last number that it is done with; one before `first` at the beginning.
    pub position: u64,
    /// Attempts that were delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// The API key that asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

fn decode(row: &Row<'_>) -> Result<StoredJob, StoreError> {
    Ok(StoredJob {
        organization: OrganizationId::from_uuid(row.uuid(0)?),
        id: JobId::from_uuid(row.uuid(1)?),
        webhook: WebhookId::from_uuid(row.uuid(2)?),
        kind: row.text(3)?,
        state: row.text(4)?,
        first: sequence_of(row.int(5)?),
        last: sequence_of(row.int(6)?),
        position: sequence_of(row.int(7)?),
        delivered: sequence_of(row.int(8)?),
        failed: sequence_of(row.int(9)?),
        created_by: row.text(10)?,
        created_at: row.time(11)?,
        ended_at: row.time_or_null(12)?,
    })
}

/// Adds a job.
pub fn insert(db: &mut Connection, job: &StoredJob) -> Result<(), StoreError> {
    let row = [
        job.organization.into(),
        job.id.into(),
        job.webhook.into(),
        (&job.kind).into(),
        (&job.state).into(),
        to_i64(job.first).into(),
        to_i64(job.last).into(),
        to_i64(job.position).into(),
        to_i64(job.delivered).into(),
        to_i64(job.failed).into(),
        (&job.created_by).into(),
        job.created_at.into(),
        job.ended_at.into(),
    ];
    db.write_many(INSERT, [row]).map(|_| ())
}

/// Stores how far a job has come.
pub fn advance(db: &mut Connection, job: &StoredJob) -> Result<(), StoreError> {
    let row = [
        job.organization.into(),
        job.id.into(),
        to_i64(job.position).into(),
        to_i64(job.delivered).into(),
        to_i64(job.failed).into(),
    ];
    db.write_later(ADVANCE, [row])
}

/// Ends a job that runs; false if it does not.
pub fn end(
    db: &mut Connection,
    (organization, id): (OrganizationId, JobId),
    state: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = [Value::from(organization), id.into(), state.into(), at.into()];
    Ok(db.write_many(END, [row])? > 0)
}

/// The job of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: JobId,
) -> Result<Option<StoredJob>, StoreError> {
    db.read_one(FIND, &[organization.into(), id.into()], decode)
}

/// The jobs of a webhook before an id, newest first.
pub fn list(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    before: JobId,
    limit: i64,
) -> Result<Vec<StoredJob>, StoreError> {
    db.read(LIST, &[organization.into(), webhook.into(), before.into(), limit.into()], decode)
}

/// Removes jobs that ended before a time.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    db.write_many(PRUNE, [[Value::from(organization), before.into()]])
}

/// Every job that has not ended.
pub fn running(db: &mut Connection) -> Result<Vec<StoredJob>, StoreError> {
    db.read(RUNNING, &[], decode)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, ADVANCE, END, PRUNE, FIND, LIST, RUNNING];
