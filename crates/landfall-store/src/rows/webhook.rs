//! Webhooks, and how far each has come in its organization's log.

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::Progress;
use landfall_domain::webhook::{Config, State};

use super::{sequence_of, to_i64, to_json};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const ALL: &str = "SELECT organization_id, id, revision, config, sealed, state, state_at, \
    created_at, updated_at FROM webhooks ORDER BY organization_id, id";
const INSERT: &str = "INSERT INTO webhooks (organization_id, id, revision, config, sealed, state, \
    state_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const FIND: &str = "SELECT organization_id, id, revision, config, sealed, state, state_at, \
    created_at, updated_at FROM webhooks WHERE organization_id = ?1 AND id = ?2";
const UPDATE: &str = "UPDATE webhooks SET revision = ?3, config = ?4, sealed = ?5, state = ?6, \
    state_at = ?7, updated_at = ?8 WHERE organization_id = ?1 AND id = ?2 AND revision + 1 = ?3";
const DELETE: &str = "DELETE FROM webhooks WHERE organization_id = ?1 AND id = ?2";
const DELETE_PROGRESS: &str =
    "DELETE FROM webhook_progress WHERE organization_id = ?1 AND webhook_id = ?2";
const DELETE_RETRIES: &str = "DELETE FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND state = 'retrying'";
const PUT_PROGRESS: &str = "INSERT INTO webhook_progress (organization_id, webhook_id, seen, \
    outstanding, health) VALUES (?1, ?2, ?3, ?4, ?5) \
    ON CONFLICT (organization_id, webhook_id) DO UPDATE SET seen = excluded.seen, \
    outstanding = excluded.outstanding, health = excluded.health";
const ALL_PROGRESS: &str = "SELECT organization_id, webhook_id, seen, outstanding, health \
    FROM webhook_progress";
const PROGRESS: &str = "SELECT organization_id, webhook_id, seen, outstanding, health \
    FROM webhook_progress WHERE organization_id = ?1 AND webhook_id = ?2";

/// A webhook as it is stored, with its private part sealed.
#[derive(Clone, Debug)]
pub struct StoredWebhook {
    /// Whose.
    pub organization: OrganizationId,
    /// Its id.
    pub id: WebhookId,
    /// Grows by one with every edit.
    pub revision: u64,
    /// What everyone who reads may see.
    pub config: Config,
    /// What only those who manage may see, sealed.
    pub sealed: Vec<u8>,
    /// Whether it sends.
    pub state: State,
    /// Since when it is in that state.
    pub state_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// A webhook that was found, or why it can't be read: a later release may have written it, which shares the
/// data while nodes are replaced one by one.
#[derive(Debug)]
pub struct FoundWebhook {
    /// Whose.
    pub organization: OrganizationId,
    /// Its id.
    pub id: WebhookId,
    /// What is stored of it.
    pub stored: Result<StoredWebhook, StoreError>,
}

fn decode(row: &Row<'_>) -> Result<FoundWebhook, StoreError> {
    let organization = OrganizationId::from_uuid(row.uuid(0)?);
    let id = WebhookId::from_uuid(row.uuid(1)?);
    Ok(FoundWebhook { organization, id, stored: decode_stored(row, organization, id) })
}

fn decode_stored(
    row: &Row<'_>,
    organization: OrganizationId,
    id: WebhookId,
) -> Result<StoredWebhook, StoreError> {
    Ok(StoredWebhook {
        organization,
        id,
        revision: sequence_of(row.int(2)?),
        config: row.json(3, "webhook")?,
        sealed: row.bytes(4)?.to_owned(),
        state: row.json(5, "webhook")?,
        state_at: row.time(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
    })
}

/// Every webhook of every organization.
pub fn all(db: &mut Connection) -> Result<Vec<FoundWebhook>, StoreError> {
    db.read(ALL, &[], decode)
}

/// Those of some webhooks that are there.
pub fn find_many(
    db: &mut Connection,
    keys: &[(OrganizationId, WebhookId)],
) -> Result<Vec<FoundWebhook>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    let keys = keys.iter().map(|(organization, id)| [Value::from(*organization), (*id).into()]);
    db.read_many(FIND, keys, |row| {
        found.push(decode(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Adds a webhook.
pub fn insert(db: &mut Connection, webhook: &StoredWebhook) -> Result<(), StoreError> {
    let row = [
        webhook.organization.into(),
        webhook.id.into(),
        to_i64(webhook.revision).into(),
        to_json(&webhook.config, "webhook")?.into(),
        webhook.sealed.as_slice().into(),
        to_json(&webhook.state, "webhook")?.into(),
        webhook.state_at.into(),
        webhook.created_at.into(),
        webhook.updated_at.into(),
    ];
    db.write_many(INSERT, [row]).map(|_| ())
}

/// Replaces a webhook by its next revision; false if it is gone, or another node did so.
pub fn update(db: &mut Connection, webhook: &StoredWebhook) -> Result<bool, StoreError> {
    let row = [
        webhook.organization.into(),
        webhook.id.into(),
        to_i64(webhook.revision).into(),
        to_json(&webhook.config, "webhook")?.into(),
        webhook.sealed.as_slice().into(),
        to_json(&webhook.state, "webhook")?.into(),
        webhook.state_at.into(),
        webhook.updated_at.into(),
    ];
    Ok(db.write_many(UPDATE, [row])? > 0)
}

/// Removes a webhook, its place in the log and what it was to try again; false if there is none.
/// What it sent stays until retention takes it.
pub fn delete(
    db: &mut Connection,
    organization: OrganizationId,
    id: WebhookId,
) -> Result<bool, StoreError> {
    let key = [Value::from(organization), id.into()];
    // In the order in which outcomes are stored, lest two nodes wait for each other.
    db.write_many(DELETE_RETRIES, [&key])?;
    db.write_many(DELETE_PROGRESS, [&key])?;
    Ok(db.write_many(DELETE, [&key])? > 0)
}

/// Stores how far webhooks have come.
pub fn put_progress<'a>(
    db: &mut Connection,
    progress: impl IntoIterator<Item = (OrganizationId, WebhookId, &'a Progress)>,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (organization, webhook, Progress { seen, outstanding, health }) in progress {
        rows.push([
            Value::from(organization),
            webhook.into(),
            to_i64(*seen).into(),
            to_json(outstanding, "progress")?.into(),
            to_json(health, "progress")?.into(),
        ]);
    }
    db.write_later(PUT_PROGRESS, rows)
}

/// How far every webhook has come.
pub fn all_progress(
    db: &mut Connection,
) -> Result<Vec<(OrganizationId, WebhookId, Progress)>, StoreError> {
    db.read(ALL_PROGRESS, &[], decode_progress)
}

/// How far some webhooks have come.
pub fn find_progress(
    db: &mut Connection,
    keys: &[(OrganizationId, WebhookId)],
) -> Result<Vec<(OrganizationId, WebhookId, Progress)>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    let keys = keys.iter().map(|(organization, id)| [Value::from(*organization), (*id).into()]);
    db.read_many(PROGRESS, keys, |row| {
        found.push(decode_progress(row)?);
        Ok(())
    })?;
    Ok(found)
}

fn decode_progress(row: &Row<'_>) -> Result<(OrganizationId, WebhookId, Progress), StoreError> {
    let progress = Progress {
        seen: sequence_of(row.int(2)?),
        outstanding: row.json(3, "progress")?,
        health: row.json(4, "progress")?,
    };
    let organization = OrganizationId::from_uuid(row.uuid(0)?);
    Ok((organization, WebhookId::from_uuid(row.uuid(1)?), progress))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    FIND,
    INSERT,
    UPDATE,
    DELETE,
    DELETE_PROGRESS,
    DELETE_RETRIES,
    PUT_PROGRESS,
    ALL_PROGRESS,
    PROGRESS,
];
