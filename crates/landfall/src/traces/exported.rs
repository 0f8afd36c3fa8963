//! Turning the engine's spans into OpenTelemetry's, and sending them in batches.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use landfall_engine::trace::{self, EventTrace, Tie};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;

use super::collector::Collector;
use crate::logs::Listener;
use crate::settings::Settings;

/// Where a collector takes traces, after its address.
const PATH: &str = "/v1/traces";

/// A batch that is not taken by then is lost.
const EXPORT_TIME_MAX: Duration = Duration::from_secs(10);

/// A stopping server waits so long for the last batch.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(5);

/// Traces on their way to a collector, if there is one.
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Prepares for the collector that is set. It is first asked when there is something to send.
    pub(crate) fn open(settings: &Settings, runtime: &Handle) -> anyhow::Result<Self> {
        let Some(endpoint) = &settings.traces_endpoint else { return Ok(Self(None)) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(runtime.clone(), EXPORT_TIME_MAX))
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_timeout(EXPORT_TIME_MAX)
            .build()
            .with_context(|| {
                format!("`traces_endpoint` is `{endpoint}`; it must be like http://127.0.0.1:4318")
            })?;
        let provider = SdkTracerProvider::builder()
            .with_id_generator(Ids)
            .with_resource(Resource::builder().with_service_name("landfall").build())
            .with_batch_exporter(exporter)
            .build();
        trace::tie_with(tie);
        Ok(Self(Some(provider)))
    }

    /// What hears the engine's spans, and nothing else.
    pub(crate) fn layer(&self) -> Option<Listener> {
        let provider = self.0.as_ref()?;
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("landfall"))
            // A span begins only once it is closed or tied, so that it can be given its place.
            .with_context_activation(false)
            .with_tracked_inactivity(false)
            .with_location(false)
            .with_threads(false)
            .with_target(false);
        Some(spans.with_filter(filter_fn(|metadata| metadata.target() == trace::TARGET)).boxed())
    }

    /// Sends what is left. It blocks, and the runtime must still be there.
    pub(crate) fn close(self) {
        let Some(provider) = self.0 else { return };
        if let Err(error) = provider.shutdown_with_timeout(CLOSE_TIME_MAX) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last traces are lost");
        }
    }
}

fn tie(span: &Span, wanted: Tie<'_>) {
    // A tie fails where the span is not recorded, and then there is nothing to tie.
    match wanted {
        Tie::Continues(traceparent) => {
            let headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
            let parent = TraceContextPropagator::new().extract(&headers);
            drop(span.set_parent(parent));
        }
        Tie::PartOf(event) => {
            let parent = opentelemetry::Context::new().with_remote_span_context(context_of(event));
            drop(span.set_parent(parent));
        }
        Tie::Is(event, report) => {
            report.add_link(context_of(event));
            span.add_link(report.context().span().span_context().clone());
            // Asking for its context begins the span, which takes its ids.
            NEXT.set(Some(event));
            drop(span.context());
            NEXT.set(None);
        }
    }
}

fn context_of(event: EventTrace) -> SpanContext {
    let EventTrace { trace, root } = event;
    let (trace, root) = (TraceId::from_bytes(trace), SpanId::from_bytes(root));
    SpanContext::new(trace, root, TraceFlags::SAMPLED, true, TraceState::default())
}

thread_local! {
    /// The event whose span begins on this thread right now.
    static NEXT: Cell<Option<EventTrace>> = const { Cell::new(None) };
}

/// Gives an event's span the ids that are derived from it, and every other one random ids.
#[derive(Debug)]
struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        let event = NEXT.get().map(|event| TraceId::from_bytes(event.trace));
        event.unwrap_or_else(|| RandomIdGenerator::default().new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        let event = NEXT.get().map(|event| SpanId::from_bytes(event.root));
        event.unwrap_or_else(|| RandomIdGenerator::default().new_span_id())
    }
}
