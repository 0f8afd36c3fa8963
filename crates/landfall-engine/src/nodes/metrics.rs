//! What is counted of nodes and leases.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What is counted of nodes and leases.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeMetrics {
    /// Nodes that are alive.
    pub alive: Gauge,
    /// Slots that this node has.
    pub held: Gauge,
    /// Slots that it lost without having given them up.
    pub lost: Counter,
    /// Outcomes of attempts that were not stored, since another node had taken the webhook.
    pub fenced: Counter,
}

impl NodeMetrics {
    /// Shows the metrics in a registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let Self { alive, held, lost, fenced } = self;
        registry.register("nodes_alive", "Nodes that share the webhooks", alive.clone());
        let help = "Slots of 64 whose webhooks this node sends for; none where it owns all";
        registry.register("slots_held", help, held.clone());
        let help = "Slots that this node lost without having given them up";
        registry.register("leases_lost", help, lost.clone());
        let help =
            "Attempts whose outcome was not stored, since another node had taken the webhook";
        registry.register("outcomes_fenced", help, fenced.clone());
    }
}
