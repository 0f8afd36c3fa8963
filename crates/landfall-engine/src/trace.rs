//! Spans that link a report to its event, and the event to each attempt to deliver it.
//!
//! An event's trace is derived from its number, so nothing is stored to find it again. The spans
//! are of a target of their own, which logs leave out; while nothing listens to that target, each
//! costs one look at a flag. Nothing here knows where spans go: whoever takes them sets [`tie_with`].

use std::fmt;
use std::sync::OnceLock;

use landfall_domain::id::OrganizationId;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::delivery::Exchange;
use sha2::{Digest, Sha256};
use tracing::Span;
use tracing::field::Empty;

/// The target of every span that is made here.
pub const TARGET: &str = "landfall::trace";

/// The trace of an event: the same on every server and at any time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventTrace {
    /// The trace's id.
    pub trace: [u8; 16],
    /// The id of its first span, which stands for the event itself.
    pub root: [u8; 8],
}

impl EventTrace {
    /// The trace of the event with this number.
    pub fn of(organization: OrganizationId, sequence: u64) -> Self {
        let digest = Sha256::new()
            .chain_update(b"landfall event")
            .chain_update(organization.uuid().as_bytes())
            .chain_update(sequence.to_be_bytes())
            .finalize();
        let (mut trace, mut root) = ([0; 16], [0; 8]);
        trace.copy_from_slice(&digest[..16]);
        root.copy_from_slice(&digest[16..24]);
        Self { trace, root }
    }
}

impl fmt::Debug for EventTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, root) = (u128::from_be_bytes(self.trace), u64::from_be_bytes(self.root));
        write!(f, "{trace:032x}-{root:016x}")
    }
}

/// What a span is tied to besides the span that it was made in.
#[derive(Clone, Copy, Debug)]
pub enum Tie<'a> {
    /// It continues the trace of a sender, who named it in the header `traceparent`.
    Continues(&'a str),
    /// It stands for an event, and a span led to it.
    Is(EventTrace, &'a Span),
    /// It is part of an event's trace.
    PartOf(EventTrace),
}

static TIE: OnceLock<fn(&Span, Tie<'_>)> = OnceLock::new();

/// Sets what ties spans, for the whole process, as the subscriber of its spans is; once.
pub fn tie_with(tie: fn(&Span, Tie<'_>)) {
    // Whoever comes second finds the same subscriber, and so the same tie.
    let _ = TIE.set(tie);
}

/// The span of a request whose sender named a trace; none for other requests.
pub fn request(method: &'static str, route: Option<&str>, traceparent: Option<&str>) -> Span {
    let Some(traceparent) = traceparent else { return Span::none() };
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
    );
    tie(&span, || Tie::Continues(traceparent));
    span
}

/// The span of a report.
pub(crate) fn report(organization: OrganizationId) -> Span {
    tracing::info_span!(
        target: TARGET,
        "report",
        organization.id = %organization,
        event.sequence = Empty,
        report.refused = Empty,
        otel.status_code = Empty,
    )
}

/// Says in a report's span why it was refused.
pub(crate) fn note_refused(report: &Span, code: &str) {
    report.record("report.refused", code);
    report.record("otel.status_code", "ERROR");
}

/// Begins the trace of the event that a report appended. A retry of the report shows it again.
pub(crate) fn note_event(report: &Span, organization: OrganizationId, sequence: u64) {
    report.record("event.sequence", sequence);
    let event = tracing::info_span!(
        target: TARGET,
        parent: None,
        "event",
        organization.id = %organization,
        event.sequence = sequence,
    );
    tie(&event, || Tie::Is(EventTrace::of(organization, sequence), report));
}

/// The span of an attempt; attempts by hand have the number 0. A sample belongs to no event, so
/// its attempt has a trace of its own.
pub(crate) fn attempt(webhook: &Webhook, sequence: u64, number: u32) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "attempt",
        otel.kind = "client",
        otel.status_code = Empty,
        organization.id = %webhook.organization,
        event.sequence = sequence,
        webhook.id = %webhook.id,
        attempt.number = number,
        attempt.status = Empty,
        attempt.error = Empty,
    );
    if sequence > 0 {
        tie(&span, || Tie::PartOf(EventTrace::of(webhook.organization, sequence)));
    }
    span
}

/// Says in an attempt's span what came back.
pub(crate) fn note_exchange(attempt: &Span, exchange: &Exchange) {
    if let Some(status) = exchange.status {
        attempt.record("attempt.status", status);
    }
    if let Some((code, _)) = &exchange.error {
        attempt.record("attempt.error", code.as_str());
    }
    if !exchange.status.is_some_and(|status| (200..300).contains(&status)) {
        attempt.record("otel.status_code", "ERROR");
    }
}

fn tie<'a>(span: &Span, wanted: impl FnOnce() -> Tie<'a>) {
    if let (false, Some(tie)) = (span.is_disabled(), TIE.get()) {
        tie(span, wanted());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_of_an_event_is_derived_from_its_organization_and_number() {
        let organization = OrganizationId::from_uuid(uuid::Uuid::from_bytes([7; 16]));
        let shown = |sequence| format!("{:?}", EventTrace::of(organization, sequence));
        assert_eq!(shown(1), "f934b5872461b8efa90ca3dd1deb1dd7-04c792143dce6906");
        assert_ne!(shown(1), shown(2));
    }
}
