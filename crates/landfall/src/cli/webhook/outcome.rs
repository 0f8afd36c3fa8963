//! Deliveries, attempts, explanations and jobs as a person reads them.

use landfall_domain::time::Timestamp;

use super::super::age::{age, short};
use super::super::output::FAILED;
use super::super::table::table;
use super::render::marked;
use super::shapes::{Attempt, Check, Delivery, Explanation, Job, Request};

/// Deliveries, a line each.
pub(super) fn deliveries(deliveries: &[Delivery<u64>], now: Timestamp) -> String {
    if deliveries.is_empty() {
        return "No delivery matches.".to_owned();
    }
    let row = |delivery: &Delivery<u64>| {
        let Delivery { sequence, state, attempts, .. } = delivery;
        let last = delivery.last_attempt_at.map(|at| age(now, at)).unwrap_or_default();
        let next = delivery.next_attempt_at.map(|at| format!("in {}", short(at.since(now))));
        let kind = delivery.event_type.as_deref().unwrap_or("(forgotten)").to_owned();
        let attempts = attempts.to_string();
        vec![sequence.to_string(), kind, marked(state), attempts, last, next.unwrap_or_default()]
    };
    let heading = ["SEQUENCE", "EVENT", "STATE", "ATTEMPTS", "LAST", "NEXT"];
    table(&heading, deliveries.iter().map(row).collect())
}

/// A delivery: where it stands, its attempts, the last answer, what is sent.
pub(super) fn delivery(delivery: &Delivery<Vec<Attempt>>, now: Timestamp) -> String {
    let Delivery { sequence, state, attempts, .. } = delivery;
    let kind = delivery.event_type.as_deref().unwrap_or("(a forgotten event)");
    let next = delivery.next_attempt_at.map_or_else(String::new, |at| {
        format!(", the next attempt is in {}", short(at.since(now)))
    });
    let row = |attempt: &Attempt| {
        let Attempt { number, trigger, at, .. } = attempt;
        let number = if *number == 0 { "–".to_owned() } else { number.to_string() };
        vec![number, trigger.clone(), age(now, *at), outcome(attempt)]
    };
    let heading = ["ATTEMPT", "WHY", "AGE", "OUTCOME"];
    let mut parts = vec![
        format!("{sequence} {kind}: {}{next}", marked(state)),
        table(&heading, attempts.iter().map(row).collect()),
    ];
    let answered = attempts.iter().rev().find_map(|attempt| attempt.response.as_ref());
    if let Some(response) = answered.filter(|response| !response.body.is_empty()) {
        let more = if response.truncated { " …" } else { "" };
        parts.push(format!("The last answer:\n{}{more}", response.body));
    }
    parts.extend(delivery.request.as_ref().map(|sent| format!("The request:\n{}", request(sent))));
    parts.join("\n\n")
}

/// What came of an attempt, such as `200 in 12 ms`.
pub(super) fn outcome(attempt: &Attempt) -> String {
    let took = format!("in {:.0} ms", attempt.duration_ms);
    match (attempt.status, &attempt.error) {
        (Some(status @ 200..=299), None) => format!("{status} {took}"),
        (Some(status), None) => format!("{FAILED} {status} {took}"),
        (Some(status), Some(error)) => format!("{FAILED} {status} {took}: {}", error.message),
        (None, Some(error)) => format!("{FAILED} {} ({took})", error.message),
        (None, None) => format!("{FAILED} no answer ({took})"),
    }
}

/// What is sent, as it goes over the wire.
pub(super) fn request(request: &Request) -> String {
    let Request { headers, body } = request;
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("{}\n{body}", headers.collect::<String>())
}

/// Why an event was sent or not, and how each filter was met.
pub(super) fn checks(explanation: &Explanation) -> String {
    let Explanation { verdict, checks } = explanation;
    if checks.is_empty() {
        return format!("{verdict}\n\nThe webhook has no filters.");
    }
    let row = |check: &Check| {
        let Check { filter, wanted, found, holds } = check;
        let holds = if *holds { "yes".to_owned() } else { format!("{FAILED} no") };
        vec![filter.clone(), wanted.clone(), found.clone(), holds]
    };
    let heading = ["FILTER", "WANTS", "EVENT HAS", "HOLDS"];
    format!("{verdict}\n\n{}", table(&heading, checks.iter().map(row).collect()))
}

/// Resends and replays, a line each.
pub(super) fn jobs(jobs: &[Job], now: Timestamp) -> String {
    if jobs.is_empty() {
        return "There was no resend or replay.".to_owned();
    }
    let row = |job: &Job| {
        let Job { id, kind, state, first, last, created_at, .. } = job;
        let range = format!("{first}–{last}");
        vec![id.clone(), kind.clone(), state.clone(), range, counts(job), age(now, *created_at)]
    };
    let heading = ["JOB", "KIND", "STATE", "EVENTS", "DONE", "AGE"];
    table(&heading, jobs.iter().map(row).collect())
}

/// How far a job is, such as `120 of 340, 118 delivered, 2 failed`.
pub(super) fn counts(job: &Job) -> String {
    let Job { first, position, total, delivered, failed, .. } = job;
    let done = (position + 1).saturating_sub(*first);
    format!("{done} of {total}, {delivered} delivered, {failed} failed")
}
