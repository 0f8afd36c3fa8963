//! What is counted and measured, in the format of Prometheus.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use landfall_domain::outcome::{Reported, ReportedSubject};
use landfall_store::{Stats, Writer};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::dispatch::DispatchMetrics;

/// Everything that is counted, and the registry that shows it.
pub struct Metrics {
    registry: Registry,
    reports: Family<ReportLabels, Counter>,
    refused: Family<RefusedLabels, Counter>,
    requests: Family<RequestLabels, Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReportLabels {
    kind: &'static str,
    status: &'static str,
    repeated: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    code: String,
}

/// Labels of a request: bounded, since the route is the pattern and not the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The method.
    pub method: &'static str,
    /// The pattern of the route.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
}

impl Metrics {
    pub(crate) fn new(stats: Arc<Stats>, writer: Writer, dispatch: &DispatchMetrics) -> Self {
        let mut registry = Registry::with_prefix("landfall");
        let reports = Family::default();
        registry.register("reports", "Reports taken in", reports.clone());
        let refused = Family::default();
        registry.register("refused_reports", "Reports refused, by reason", refused.clone());
        let requests: Family<RequestLabels, Histogram> = Family::new_with_constructor(latency);
        registry.register(
            "http_request_duration_seconds",
            "Time from a request's head to its answer",
            requests.clone(),
        );
        dispatch.register(&mut registry);
        registry.register_collector(Box::new(StoreCollector { stats, writer }));
        Self { registry, reports, refused, requests }
    }

    /// Where others register what they count.
    pub(crate) const fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// Counts a report that was taken in.
    pub(crate) fn count_report(&self, reported: &Reported) {
        let (kind, status) = match &reported.subject {
            ReportedSubject::Build(view) => ("build", view.run.status),
            ReportedSubject::Deployment(view) => ("deployment", view.run.status),
        };
        let repeated = if reported.repeated { "true" } else { "false" };
        let labels = ReportLabels { kind, status: status.as_str(), repeated };
        self.reports.get_or_create(&labels).inc();
    }

    /// Counts a report that was refused.
    pub(crate) fn count_refused(&self, code: &str) {
        self.refused.get_or_create(&RefusedLabels { code: code.to_owned() }).inc();
    }

    /// Measures an HTTP request.
    pub fn measure_request(&self, labels: &RequestLabels, took: Duration) {
        self.requests.get_or_create(labels).observe(took.as_secs_f64());
    }

    /// Everything, as text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut shown = String::new();
        text::encode(&mut shown, &self.registry)?;
        Ok(shown)
    }
}

/// From a quarter of a millisecond to eight seconds.
fn latency() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

/// Shows the store's own counters.
#[derive(Debug)]
struct StoreCollector {
    stats: Arc<Stats>,
    writer: Writer,
}

impl Collector for StoreCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Stats {
            rows_written,
            groups,
            jobs,
            busy_micros,
            commit_micros,
            sync_micros,
            round_trips,
            overtaken,
            failures,
        } = &*self.stats;
        let counters: [(&str, &str, &AtomicU64); 9] = [
            ("store_rows_written", "Rows inserted, updated or deleted", rows_written),
            ("store_groups", "Groups committed", groups),
            ("store_jobs", "Commands in those groups", jobs),
            ("store_busy_microseconds", "Time spent on groups", busy_micros),
            ("store_commit_microseconds", "Time of that spent in COMMIT", commit_micros),
            ("store_sync_microseconds", "Time spent waiting for the disk", sync_micros),
            ("store_round_trips", "Round trips to the database for those groups", round_trips),
            ("store_overtaken", "Groups decided again since another node wrote first", overtaken),
            ("store_failures", "Groups that could not be committed", failures),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(Stats::value(value));
            let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(metric)?;
        }
        let queued = i64::try_from(self.writer.queued()).unwrap_or(i64::MAX);
        let gauge = ConstGauge::new(queued);
        let help = "Commands that wait to be written";
        gauge.encode(encoder.encode_descriptor("store_queued", help, None, gauge.metric_type())?)
    }
}
