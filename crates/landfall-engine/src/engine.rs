//! What all use cases share.

use std::sync::{Arc, Weak};
use std::time::Duration;

use landfall_domain::access::{ApiKey, Scope};
use landfall_store::Store;
use tokio_util::sync::CancellationToken;

use crate::ambient::Ambient;
use crate::board::Boards;
use crate::dispatch::{DispatchMetrics, Dispatcher};
use crate::egress::Egress;
use crate::key_cache::KeyCache;
use crate::metrics::Metrics;
use crate::nodes::{Leases, NodeMetrics, Nodes};
use crate::nouns::Nouns;
use crate::passwords::Passwords;
use crate::rate::RateLimit;
use crate::refused::RefusedLately;
use crate::seal::{MasterKey, Sealer};
use crate::sessions::SessionCache;
use crate::signed::OpenKey;
use crate::throttle::Throttle;

/// What an operator may set about the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long events are kept.
    pub events_kept_for: Duration,
    /// How long attempts and settled deliveries are kept.
    pub attempts_kept_for: Duration,
    /// How long refused reports are kept.
    pub refused_kept_for: Duration,
    /// Requests per second and API key; 0 is without limit.
    pub rate_per_key: u32,
    /// Where people find this Landfall, for links; without a slash at the end.
    pub public_url: Option<String>,
    /// What people call this node among several.
    pub node_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            events_kept_for: Duration::from_hours(400 * 24),
            attempts_kept_for: Duration::from_hours(30 * 24),
            refused_kept_for: Duration::from_hours(7 * 24),
            rate_per_key: 0,
            public_url: None,
            node_name: "node".to_owned(),
        }
    }
}

/// What leads out of the server: the client that reaches only what it may, and the keys that
/// open sealed secrets.
pub struct Outbound {
    /// The client.
    pub egress: Egress,
    /// The keys.
    pub sealer: Sealer,
}

impl Outbound {
    /// Reaches public addresses only, and seals with a key that is gone afterwards: for engines
    /// that send nothing.
    pub fn closed(ambient: &Ambient) -> Self {
        let mut random = [0; 32];
        ambient.fill(&mut random);
        let egress = Egress::new(crate::egress::EgressOptions::default());
        Self {
            egress: egress.expect("options that name no file and no proxy always work"),
            sealer: Sealer::new(MasterKey::from_bytes(random), Vec::new()),
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
    pub keys: KeyCache<(ApiKey, Arc<[Scope]>)>,
    pub signing_keys: KeyCache<OpenKey>,
    pub rate: RateLimit,
    pub passwords: Passwords,
    pub sessions: SessionCache,
    pub throttle: Throttle,
    pub metrics: Metrics,
    pub refused_lately: RefusedLately,
    pub closing: CancellationToken,
    pub egress: Egress,
    pub sealer: Sealer,
    pub dispatcher: Arc<Dispatcher>,
    /// Which webhooks this node sends for.
    pub leases: Arc<Leases>,
    /// None where one process owns the data.
    pub nodes: Option<Arc<Nodes>>,
    pub boards: Boards,
    pub nouns: Nouns,
    /// Held while a webhook is changed, so that no change is lost.
    pub webhook_edits: tokio::sync::Mutex<()>,
}

impl Engine {
    /// The use cases over a store.
    pub fn new(store: Store, ambient: Ambient, options: Options, outbound: Outbound) -> Self {
        let Outbound { egress, sealer } = outbound;
        let dispatch_metrics = DispatchMetrics::default();
        let stats = Arc::clone(&store.stats);
        let passwords = Passwords::default();
        let mut metrics = Metrics::new(stats, store.writer.clone(), &dispatch_metrics);
        passwords.register(metrics.registry());
        let node_metrics = NodeMetrics::default();
        node_metrics.register(metrics.registry());
        let stop = CancellationToken::new();
        let leases = match &store.heartbeat {
            None => Leases::of_all(stop.clone()),
            Some(_) => Leases::shared(stop.clone()),
        };
        let leases = Arc::new(leases);
        let nodes = store.heartbeat.clone().map(|heartbeat| {
            Arc::new(Nodes::new(heartbeat, Arc::clone(&leases), node_metrics.clone()))
        });
        let shared = Arc::new_cyclic(|engine| {
            let ways = (store.writer.clone(), store.reader.clone());
            let dispatcher = Dispatcher::new(
                Weak::clone(engine),
                ways,
                (ambient.clone(), egress.clone()),
                (dispatch_metrics, &node_metrics),
                (Arc::clone(&leases), stop),
            );
            Shared {
                rate: RateLimit::new(options.rate_per_key),
                keys: KeyCache::default(),
                signing_keys: KeyCache::default(),
                passwords,
                sessions: SessionCache::default(),
                throttle: Throttle::default(),
                refused_lately: RefusedLately::default(),
                closing: CancellationToken::new(),
                boards: Boards::default(),
                nouns: Nouns::default(),
                dispatcher: Arc::new(dispatcher),
                leases,
                nodes,
                webhook_edits: tokio::sync::Mutex::default(),
                store,
                ambient,
                options,
                metrics,
                egress,
                sealer,
            }
        });
        Self { shared }
    }

    /// Where time and randomness come from.
    pub fn ambient(&self) -> &Ambient {
        &self.shared.ambient
    }

    /// What the operator set.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// What is counted and measured.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Everything that is counted and measured, as text.
    pub fn shown_metrics(&self) -> Result<String, std::fmt::Error> {
        self.shared.dispatcher.show_metrics();
        if let Some(nodes) = &self.shared.nodes {
            nodes.show_metrics();
        }
        self.shared.metrics.encode()
    }

    /// Ends what would go on for ever, such as live streams; everything else goes on.
    pub fn begin_close(&self) {
        self.shared.closing.cancel();
    }

    /// Waits until everything accepted is written. Does nothing while another clone is held.
    pub fn close(self) {
        if let Some(Shared { store, metrics, dispatcher, .. }) = Arc::into_inner(self.shared) {
            drop((metrics, dispatcher));
            store.close();
        }
    }
}
