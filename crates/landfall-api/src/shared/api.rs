//! What every handler is given.

use std::sync::Arc;
use std::time::Duration;

use landfall_engine::Engine;

/// Limits on what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A longer body is refused.
    pub body_bytes_max: usize,
    /// A body that takes longer to arrive is refused.
    pub body_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes_max: 1024 * 1024, body_time_max: Duration::from_secs(10) }
    }
}

/// The engine and the limits. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// The use cases.
    pub engine: Engine,
    /// Limits on what comes in.
    pub limits: Arc<Limits>,
}

impl Api {
    /// What every handler is given.
    pub fn new(engine: Engine, limits: Limits) -> Self {
        Self { engine, limits: Arc::new(limits) }
    }
}
