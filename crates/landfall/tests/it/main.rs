//! The tests of the whole: over HTTP against a server in this process, or against the real binary.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod akinon;
mod bad_input;
mod browser;
mod cli;
mod copying;
mod crash;
mod dashboard;
mod deploying;
mod dialects;
mod documents;
mod envtracker;
mod harness;
mod humanitec;
mod ledger;
mod master_key;
mod native;
mod postgres;
mod qovery;
mod sqlite;
mod starting;
#[cfg(feature = "otel")]
mod traces;
mod users;
mod versioner;
mod webhooks;
