//! What can be done with Landfall: the use cases behind every interface.
//!
//! The HTTP interfaces, the dashboard and the command line all call these functions, so no rule is
//! written twice. Nothing here knows HTTP or SQL.

pub mod access;
pub mod ambient;
pub mod audit;
pub mod badge;
pub mod board;
pub mod catalog;
pub mod compare;
mod dispatch;
pub mod egress;
mod engine;
mod era_cache;
mod error;
pub mod events;
pub mod find;
pub mod history;
pub mod installation;
mod key_cache;
pub mod keys;
pub mod ledger;
mod lock;
pub mod log;
pub mod metrics;
mod nodes;
mod nouns;
pub mod organizations;
mod passwords;
pub mod positions;
mod rate;
pub mod refused;
pub mod reseal;
pub mod seal;
pub mod sessions;
pub mod signed;
pub mod signing_keys;
pub mod status;
pub mod story;
pub mod tasks;
mod throttle;
pub mod timeline;
pub mod trace;
pub mod upkeep;
pub mod users;
pub mod webhooks;

pub use access::Caller;
pub use ambient::Ambient;
pub use dispatch::{Armed, jobs};
pub use engine::{Engine, Options, Outbound};
pub use error::EngineError;
