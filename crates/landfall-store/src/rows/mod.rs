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
