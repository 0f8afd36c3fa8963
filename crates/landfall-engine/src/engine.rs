//! What all use cases share.

use std::sync::Arc;
use std::time::Duration;

use landfall_store::Store;
use tokio_util::sync::CancellationToken;

use crate::access::KeyCache;
use crate::ambient::Ambient;
use crate::metrics::Metrics;
use crate::rate::RateLimit;

/// What an operator may set about the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long events are kept.
    pub events_kept_for: Duration,
    /// How long refused reports are kept.
    pub refused_kept_for: Duration,
    /// Requests per second and API key; 0 is without limit.
    pub rate_per_key: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            events_kept_for: Duration::from_hours(400 * 24),
            refused_kept_for: Duration::from_hours(7 * 24),
            rate_per_key: 0,
        }
    }
}

/// The use cases, over one store. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub store: Store,
    pub ambient: Ambient,
    pub options: Options,
    pub keys: KeyCache,
    pub rate: RateLimit,
    pub metrics: Metrics,
    pub closing: CancellationToken,
}

impl Engine {
    /// The use cases over a store.
    pub fn new(store: Store, ambient: Ambient, options: Options) -> Self {
        let metrics = Metrics::new(Arc::clone(&store.stats), store.writer.clone());
        let rate = RateLimit::new(options.rate_per_key);
        let keys = KeyCache::default();
        let closing = CancellationToken::new();
        let shared = Shared { store, ambient, options, keys, rate, metrics, closing };
        Self { shared: Arc::new(shared) }
    }

    /// Where time and randomness come from.
    pub fn ambient(&self) -> &Ambient {
        &self.shared.ambient
    }

    /// What is counted and measured.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Ends what would go on for ever, such as live streams; everything else goes on.
    pub fn begin_close(&self) {
        self.shared.closing.cancel();
    }

    /// Waits until everything accepted is written. Does nothing while another clone is held.
    pub fn close(self) {
        if let Some(Shared { store, metrics, .. }) = Arc::into_inner(self.shared) {
            drop(metrics);
            store.close();
        }
    }
}
