//! Several nodes on one database: who is alive, and who sends for which webhooks.
//!
//! Webhooks are divided into slots, and each slot is leased to one node, which alone runs the lanes of
//! its webhooks. The dispatcher knows of all this only [`Lease`]: whether an attempt may start, and
//! what fences its outcomes. Nodes hear of each other through the database alone, by its clock alone.
//! Where one process owns the data there is one lease, for everything and for ever.

mod changes;
mod gain;
mod lease;
mod membership;
mod metrics;
mod owner;
mod share;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landfall_domain::id::NodeId;
use landfall_store::Heartbeat;
use landfall_store::rows::lease::Fence;
use landfall_store::rows::node::Node;
use tokio::sync::Notify;

pub(crate) use self::lease::{HELD_UP_FOR, Lease, Leases};
pub(crate) use self::metrics::NodeMetrics;
use crate::lock::lock;

/// A node that was not heard of for so long, by the clock of the database, is dead.
const LEASE: Duration = Duration::from_secs(8);
/// By its own clock a node's lease ends so much sooner.
const MARGIN: Duration = Duration::from_secs(1);
/// How often a node says that it is alive, and looks who else is.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After that failed.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How often a node reads what others did to webhooks.
const READ_EVERY: Duration = Duration::from_millis(500);
/// No attempt starts on what was read longer ago, and no edit waits longer for another node.
const READING_MAX: Duration = Duration::from_secs(2);
/// What an edit waits for is looked at so often.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What a node on a shared database knows of itself.
pub(crate) struct Nodes {
    heartbeat: Heartbeat,
    leases: Arc<Leases>,
    /// None before it joined, and after it left.
    me: Mutex<Option<Node>>,
    /// Those that were alive when this one looked last.
    others: Mutex<BTreeMap<NodeId, String>>,
    /// Slots whose lanes have ended in order, which are free for others.
    drained: Mutex<Vec<Fence>>,
    /// Told when there is something to give back.
    look_soon: Notify,
    /// The last change of webhooks that is in force here; held while others are brought into force.
    changes_read: tokio::sync::Mutex<u64>,
    metrics: NodeMetrics,
}

impl Nodes {
    /// A node that has not joined the others yet.
    pub(crate) fn new(heartbeat: Heartbeat, leases: Arc<Leases>, metrics: NodeMetrics) -> Self {
        Self {
            heartbeat,
            leases,
            me: Mutex::default(),
            others: Mutex::default(),
            drained: Mutex::default(),
            look_soon: Notify::new(),
            changes_read: tokio::sync::Mutex::new(changes::NEVER),
            metrics,
        }
    }

    fn id(&self) -> Option<NodeId> {
        lock(&self.me).as_ref().map(|me| me.id)
    }
}
