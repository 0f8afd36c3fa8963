//! Traces, as a collector gets them from the real binary.

use landfall_domain::id::OrganizationId;
use landfall_engine::trace::EventTrace;
use serde_json::json;

use crate::harness::receiver::{Received, Receiver};
use crate::harness::{Call, Launch, PRESET_KEY, memory_directory};
use crate::webhooks::{hook, settled};

/// A trace of somebody who reports, and the span in it.
const SENDER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What these tests look at in a span, with ids in hexadecimal.
#[derive(Debug, Default)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    /// Traces and spans that it is linked to.
    links: Vec<(String, String)>,
}

/// The trace's id, and that of the span that stands for the event.
fn trace_of(delivery: &Received) -> (String, String) {
    let (_, rest) = delivery.id().split_once('_').unwrap();
    let (organization, sequence) = rest.split_once('_').unwrap();
    let organization: OrganizationId = organization.parse().unwrap();
    let event = EventTrace::of(organization, sequence.parse().unwrap());
    (hexadecimal(&event.trace), hexadecimal(&event.root))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_links_to_its_event_whose_trace_holds_the_attempts() {
    let directory = memory_directory();
    let (collector, receiver) = (Receiver::ok(), Receiver::ok());
    let process = Launch::serve(&directory.path().join("data"))
        .variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
        .variable("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8")
        .variable("LANDFALL_TRACES_ENDPOINT", collector.url().trim_end_matches("/hook"))
        .start();
    let client = process.client();
    let hook = hook(&client, &receiver.url(), json!({ "events": ["deployment.started"] })).await;
    let body = json!({
        "application": "shop", "version": "1", "environment": "production", "status": "started",
    });
    let report = Call::post("/api/v1/deployments", body.to_string());
    client.send(report.with("traceparent", SENDER)).await.ok_or_created();
    let (trace, root) = trace_of(&receiver.wait_for(1).await[0]);
    settled(&client, &hook).await;
    process.terminate();
    let log = process.log();
    assert_eq!(process.wait(), Some(0));

    let batches = collector.requests();
    assert!(batches.iter().all(|batch| batch.path == "/v1/traces"), "{batches:?}");
    let spans: Vec<Span> = batches.iter().flat_map(|batch| spans(&batch.body)).collect();
    let find = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let (request, report, event) = (find("request"), find("report"), find("event"));
    let attempt = find("attempt");
    let sent = (format!("00-{}-{}-01", request.trace, request.parent), report.trace.as_str());
    assert_eq!(sent, (SENDER.to_owned(), request.trace.as_str()), "{spans:#?}");
    assert_eq!(report.parent, request.id, "{spans:#?}");
    assert_eq!(report.links, [(trace.clone(), root.clone())], "{spans:#?}");
    assert_eq!((&event.trace, &event.id, event.parent.as_str()), (&trace, &root, ""));
    assert_eq!(event.links, [(report.trace.clone(), report.id.clone())]);
    assert_eq!((&attempt.trace, &attempt.parent), (&trace, &root), "{spans:#?}");
    assert!(!log.contains("attempt"), "spans are in the log: {log}");
}

/// The spans of an `ExportTraceServiceRequest`, read by the field numbers of OTLP's trace.proto.
fn spans(batch: &[u8]) -> Vec<Span> {
    let resources = fields(batch).filter(|(number, _)| *number == 1);
    let scopes = resources.flat_map(|(_, resource)| fields(resource)).filter(|(n, _)| *n == 2);
    let spans = scopes.flat_map(|(_, scope)| fields(scope)).filter(|(number, _)| *number == 2);
    spans.map(|(_, span)| span_of(span)).collect()
}

fn span_of(message: &[u8]) -> Span {
    let mut span = Span::default();
    for (number, value) in fields(message) {
        match number {
            1 => span.trace = hexadecimal(value),
            2 => span.id = hexadecimal(value),
            4 => span.parent = hexadecimal(value),
            5 => span.name = String::from_utf8(value.to_vec()).unwrap(),
            13 => {
                let link = span_of(value);
                span.links.push((link.trace, link.id));
            }
            _ => {}
        }
    }
    span
}

/// The fields of a protobuf message, by number; those that are numbers are left out.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let key = take_number(&mut rest);
            let length = match key & 7 {
                0 => {
                    take_number(&mut rest);
                    continue;
                }
                1 => 8,
                2 => usize::try_from(take_number(&mut rest)).unwrap(),
                5 => 4,
                other => panic!("a field of the kind {other}"),
            };
            let (value, after) = rest.split_at(length);
            rest = after;
            if key & 7 == 2 {
                return Some((key >> 3, value));
            }
        }
        None
    })
}

fn take_number(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0.. {
        let (byte, after) = rest.split_first().unwrap();
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}
