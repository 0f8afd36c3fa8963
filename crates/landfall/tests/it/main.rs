//! The tests of the whole: over HTTP against a server in this process, or against the real binary.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod bad_input;
mod cli;
mod crash;
mod harness;
mod ledger;
mod native;
mod starting;
#[cfg(feature = "otel")]
mod traces;
mod versioner;
mod webhooks;
