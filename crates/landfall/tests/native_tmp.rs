//! Temporary.
#![expect(clippy::unwrap_used, reason = "a test")]
#[path = "it/native/mod.rs"]
mod native;
