//! What things are, and every decision about them.
//!
//! Nothing here knows SQL, HTTP, the clock or randomness: time and entropy are passed in, and
//! [`decide::decide`] turns a snapshot and a command into an outcome. What is true of Landfall can
//! therefore be tested without a database.

pub mod access;
pub mod actor;
pub mod build;
pub mod catalog;
pub mod cell;
pub mod changes;
pub mod command;
pub mod decide;
pub mod deployment;
pub mod environment;
pub mod event;
pub mod facts;
pub mod id;
pub mod identity;
pub mod membership;
pub mod outcome;
pub mod password;
pub mod refusal;
pub mod report;
pub mod role;
pub mod run;
pub mod session;
pub mod settings;
pub mod sha;
pub mod signing;
pub mod snapshot;
pub mod status;
pub mod table;
pub mod text;
pub mod time;
pub mod user;
pub mod version;
pub mod view;
pub mod webhook;
