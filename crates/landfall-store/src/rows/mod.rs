//! How things become rows and rows become things: one file per table.

pub mod api_key;
pub mod audit;
pub mod build;
pub mod catalog;
pub mod cell;
pub mod delivery;
pub mod deployment;
pub mod event;
pub(crate) mod event_block;
pub mod lease;
pub mod membership;
pub mod node;
pub mod organization;
pub mod refused;
pub mod secret;
pub mod session;
pub mod signing_key;
pub mod user;
pub mod version;
pub mod webhook;
pub mod webhook_change;
pub mod webhook_job;

use landfall_domain::id::OrganizationId;
use landfall_domain::identity::Identity;

use crate::driver::{Reading, Value};
use crate::error::StoreError;

/// Most rows are shorter; a buffer that need not grow is cheaper than a small one.
const JSON_BYTES_USUAL: usize = 1_280;

/// JSON text of something that always has one.
pub(crate) fn to_json<T: serde::Serialize>(
    value: &T,
    what: &'static str,
) -> Result<String, StoreError> {
    let mut bytes = Vec::with_capacity(JSON_BYTES_USUAL);
    serde_json::to_writer(&mut bytes, value).map_err(|error| StoreError::corrupt(what, error))?;
    String::from_utf8(bytes).map_err(|error| StoreError::corrupt(what, error))
}

/// What reads the runs of each identity.
fn of_identities<'k>(
    sql: &'static str,
    organization: OrganizationId,
    identities: &'k [Identity],
) -> Reading<'k> {
    Reading::of(sql, identities.iter().map(|id| [organization.into(), id.as_bytes().into()]))
}

/// What reads the runs of each identity that end at or first after a time, in microseconds.
fn ending_after<'k>(
    sql: &'static str,
    organization: OrganizationId,
    identities: &'k [(Identity, i64)],
) -> Reading<'k> {
    let keys = identities.iter();
    let keys = keys.map(|(id, at)| [organization.into(), id.as_bytes().into(), Value::Int(*at)]);
    Reading::of(sql, keys)
}

/// A number of the log, as the engines store it.
pub(crate) fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number of the log, as it was stored.
pub(crate) fn sequence_of(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
