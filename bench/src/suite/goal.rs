//! The goals, all in one place: what each is about, and its number.
//!
//! They are meant for two cores with the generator, the server and the receivers on them.

use serde::Serialize;

/// What a value, or its ratio to the floor, should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    ValueAtLeast(f64),
    ValueAtMost(f64),
    RatioAtLeast(f64),
}

/// A bound, and whether it was kept.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Goal {
    #[serde(rename = "goal")]
    pub(super) bound: Bound,
    #[serde(rename = "reached")]
    pub(super) is_reached: bool,
}

impl Goal {
    pub(super) fn of(bound: Bound, value: f64, ratio: Option<f64>) -> Self {
        let is_reached = match bound {
            Bound::ValueAtLeast(least) => value >= least,
            Bound::ValueAtMost(most) => value <= most,
            Bound::RatioAtLeast(least) => ratio.is_some_and(|ratio| ratio >= least),
        };
        Self { bound, is_reached }
    }
}

/// Reports on SQLite beside raw group commit of the same rows.
pub(super) fn ingest_beside_commit(connections: u32) -> Option<Bound> {
    (connections == 64).then_some(Bound::RatioAtLeast(0.7))
}

/// Reports on SQLite beside the bare handler.
pub(super) fn ingest_beside_handler(connections: u32) -> Option<Bound> {
    (connections == 64).then_some(Bound::RatioAtLeast(0.3))
}

/// The latency of a report on SQLite, p99 in milliseconds.
pub(super) fn ingest_p99_ms(connections: u32) -> Option<Bound> {
    match connections {
        64 => Some(Bound::ValueAtMost(10.0)),
        256 => Some(Bound::ValueAtMost(40.0)),
        _ => None,
    }
}

/// Reports that were not accepted.
pub(super) const NONE_LOST: Bound = Bound::ValueAtMost(0.0);

/// Reports per second on PostgreSQL.
pub(super) fn ingest_on_postgres(connections: u32) -> Option<Bound> {
    (connections == 64).then_some(Bound::ValueAtLeast(8_000.0))
}

/// Events per second that are accepted and delivered to one webhook.
pub(super) const EVENTS_DELIVERED: Bound = Bound::ValueAtLeast(10_000.0);

/// The same beside the bare loop from client to receiver.
pub(super) const EVENTS_BESIDE_LOOP: Bound = Bound::RatioAtLeast(0.6);

/// Deliveries per second.
pub(super) fn deliveries(webhooks: u32) -> Option<Bound> {
    (webhooks == 10).then_some(Bound::ValueAtLeast(20_000.0))
}

/// The rate of receivers that are well, beside their rate when none fails.
pub(super) const BESIDE_FAILING: Bound = Bound::RatioAtLeast(0.9);

/// Goals of reading are meant for a server that holds so many deployments.
pub(super) const DEPLOYMENTS_READ_FROM: u64 = 10_000_000;

/// A query's p99 may be so many times what its median may be.
const P99_PER_P50: f64 = 4.0;

/// The median of a query, and its p99, in milliseconds, with so many deployments stored.
pub(super) fn query_ms(p50_ms_max: Option<f64>, deployments: u64) -> [Option<Bound>; 2] {
    let p50_ms_max = p50_ms_max.filter(|_| deployments >= DEPLOYMENTS_READ_FROM);
    [p50_ms_max, p50_ms_max.map(|ms| ms * P99_PER_P50)].map(|ms| ms.map(Bound::ValueAtMost))
}

/// What a deployment with three events takes on the disk.
pub(super) const DEPLOYMENT_BYTES: Bound = Bound::ValueAtMost(2_500.0);

/// An idle server's share of one core, in percent.
pub(super) const IDLE_PERCENT: Bound = Bound::ValueAtMost(0.2);

/// An idle server's resident memory, in megabytes.
pub(super) const IDLE_MEGABYTES: Bound = Bound::ValueAtMost(30.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_on_its_bound_and_not_beyond() {
        let is_reached = |bound, value, ratio| Goal::of(bound, value, ratio).is_reached;

        assert!(is_reached(Bound::ValueAtLeast(10.0), 10.0, None));
        assert!(!is_reached(Bound::ValueAtLeast(10.0), 9.9, None));
        assert!(is_reached(Bound::ValueAtMost(0.0), 0.0, None));
        assert!(!is_reached(Bound::ValueAtMost(0.0), 1.0, None));
        assert!(is_reached(Bound::RatioAtLeast(0.7), 0.0, Some(0.7)));
        assert!(!is_reached(Bound::RatioAtLeast(0.7), 9.0, Some(0.69)));
        assert!(!is_reached(Bound::RatioAtLeast(0.7), 9.0, None));
    }

    #[test]
    fn a_p99_may_be_four_times_the_median_of_its_query() {
        let bounds = query_ms(Some(5.0), DEPLOYMENTS_READ_FROM);

        assert_eq!(bounds, [Some(Bound::ValueAtMost(5.0)), Some(Bound::ValueAtMost(20.0))]);
        assert_eq!(query_ms(Some(5.0), DEPLOYMENTS_READ_FROM - 1), [None, None]);
        assert_eq!(query_ms(None, DEPLOYMENTS_READ_FROM), [None, None]);
    }
}
