//! What counts as delivered, twice delivered, missing and strange.

use std::time::Duration;

use super::*;
use crate::plan::tests::plan;

fn body(plan: &Plan, n: u64, status: &str) -> Vec<u8> {
    let invoke_id = plan.deployment(n).invoke_id;
    let deployment = serde_json::json!({"id": 1, "invoke_id": invoke_id});
    let data = serde_json::json!({"deployment": deployment, "actor": null});
    serde_json::json!({"type": format!("deployment.{status}"), "data": data})
        .to_string()
        .into_bytes()
}

#[test]
fn every_event_is_looked_for_at_every_webhook() {
    let book = Book::new(plan(), 2);
    let sent_at = Instant::now();
    let at = |ms| sent_at + Duration::from_millis(ms);
    for event in 0..3 {
        book.sent(event, sent_at);
    }
    // The third was refused, so nobody waits for it.
    book.accepted(0);
    book.accepted(1);

    book.arrived("/hook/0", &body(&plan(), 0, "started"), at(1));
    book.arrived("/hook/0", &body(&plan(), 0, "completed"), at(2));
    book.arrived("/hook/1", &body(&plan(), 0, "started"), at(3));
    book.arrived("/hook/1", &body(&plan(), 0, "started"), at(5));

    assert!(!book.is_complete());
    let told = book.deliveries();
    assert_eq!((told.delivered, told.duplicates, told.missing, told.strange), (3, 1, 1, 0));
    assert!((told.seconds - 0.004).abs() < 1e-9);
    assert!((told.latency.max_ms - 3.0).abs() < 1e-9);

    book.arrived("/hook/1", &body(&plan(), 0, "completed"), at(6));
    assert!(book.is_complete());
}

#[test]
fn what_is_not_of_this_run_is_strange_and_shown() {
    let book = Book::new(plan(), 1);
    let now = Instant::now();
    book.sent(0, now);

    book.arrived("/none/0", &body(&plan(), 0, "started"), now);
    book.arrived("/hook/1", &body(&plan(), 0, "started"), now);
    book.arrived("/hook/0", &body(&plan(), 7, "started"), now);
    book.arrived("/hook/0", &body(&plan(), 0, "exploded"), now);
    book.arrived("/hook/0", &body(&plan().round(2).unwrap(), 0, "started"), now);
    book.arrived("/hook/0", b"{}", now);

    let told = book.deliveries();
    assert_eq!((told.delivered, told.strange), (0, 6));
    assert!(told.first_strange.unwrap().starts_with("/none/0 got {"));
}
