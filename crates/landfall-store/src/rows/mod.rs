//! How things become rows and rows become things: one file per table.

pub mod api_key;
pub mod audit;
pub mod build;
pub mod catalog;
pub mod cell;
pub mod deployment;
pub mod event;
pub mod organization;
pub mod refused;
pub mod version;

use landfall_domain::run::Run;
use landfall_domain::time::Timestamp;

use crate::error::StoreError;

/// `ends_at` of what has not ended.
pub(crate) const OPEN_END: i64 = i64::MAX;

pub(crate) fn ends_at(run: &Run) -> i64 {
    run.ended_at().map_or(OPEN_END, Timestamp::as_micros)
}

/// JSON text of something that always has one.
pub(crate) fn to_json<T: serde::Serialize>(
    value: &T,
    what: &'static str,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(what, error))
}
