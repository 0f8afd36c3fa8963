//! The server's settings: from flags, the environment, a file, or their defaults, in this order.

mod read;
mod table;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use landfall_engine::egress::Allow;
pub use read::{Origin, Resolved, Sources};
pub use table::{SETTINGS, Setting};

/// Every setting, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where the data lies.
    pub data: PathBuf,
    /// The URL of the PostgreSQL that holds the data instead.
    pub database: Option<String>,
    /// An admin key that always works.
    pub admin_key: Option<String>,
    /// Where people find this Landfall; without a slash at the end.
    pub public_url: Option<String>,
    /// What is logged.
    pub log: String,
    /// How a log line looks.
    pub log_format: LogFormat,
    /// Requests per second and API key; 0 is without limit.
    pub rate_per_key: u32,
    /// How long events are kept.
    pub events_kept_for: Duration,
    /// How long attempts to deliver webhooks are kept.
    pub attempts_kept_for: Duration,
    /// How long refused reports are kept.
    pub refused_kept_for: Duration,
    /// Connections at one time.
    pub connections_max: usize,
    /// A request body that takes longer is refused.
    pub body_time_max: Duration,
    /// How long a stopping server waits for the requests that are under way.
    pub drain_time_max: Duration,
    /// Addresses that webhooks may reach although they are not public.
    pub egress_allow: Allow,
    /// The proxy that webhooks go through.
    pub egress_proxy: Option<String>,
    /// The file of further certificate authorities.
    pub egress_ca: Option<PathBuf>,
    /// The key that secrets are sealed with.
    pub master_key: Option<String>,
    /// The collector that traces go to.
    pub traces_endpoint: Option<String>,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// For people on a terminal, else for machines.
    Fitting,
}
