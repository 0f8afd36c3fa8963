//! Webhooks, deliveries and attempts as a person reads them.

use std::time::Duration;

use landfall_domain::time::Timestamp;

use super::super::age::{age, short};
use super::super::output::FAILED;
use super::super::table::table;
use super::shapes::{
    Attempt, Check, Delivery, Explanation, Filters, Health, Job, Missed, Request, Webhook,
};

/// The webhooks, a line each.
pub(super) fn overview(webhooks: &[Webhook]) -> String {
    if webhooks.is_empty() {
        return "There is no webhook.".to_owned();
    }
    let row = |webhook: &Webhook| {
        let Webhook { id, name, url, format, state, .. } = webhook;
        let events = wanted_events(webhook);
        [name, &marked(state), format, &events, url, id].map(String::clone).to_vec()
    };
    let heading = ["NAME", "STATE", "FORMAT", "EVENTS", "RECEIVER", "ID"];
    table(&heading, webhooks.iter().map(row).collect())
}

/// A webhook, a line for each setting that says something.
pub(super) fn details(webhook: &Webhook, now: Timestamp) -> String {
    let mut rows = settings(webhook, now);
    rows.extend(webhook.health.iter().flat_map(|health| standing(health, now)));
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    table(&[], given.map(|(name, value)| vec![name.to_owned(), value]).collect())
}

fn settings(webhook: &Webhook, now: Timestamp) -> Vec<(&'static str, String)> {
    let Webhook {
        id,
        name,
        description,
        url,
        events: _,
        filters,
        format,
        headers,
        project,
        ordered,
        concurrency,
        rate_per_second,
        timeout_ms,
        retry_schedule,
        signature,
        public_key,
        state,
        disabled_reason,
        state_since,
        health: _,
    } = webhook;
    let Filters { projects, applications, environments, environment_types, history } = filters;
    let why = disabled_reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let retries: Vec<String> =
        retry_schedule.iter().map(|seconds| short(Duration::from_secs(*seconds))).collect();
    let pace = if *ordered { "one by one, in order".to_owned() } else { concurrency.to_string() };
    vec![
        ("name", name.clone()),
        ("id", id.clone()),
        ("description", description.clone().unwrap_or_default()),
        ("state", format!("{} for {}{why}", marked(state), age(now, *state_since))),
        ("receiver", url.clone()),
        ("events", wanted_events(webhook)),
        ("projects", projects.join(", ")),
        ("applications", applications.join(", ")),
        ("environments", environments.join(", ")),
        ("environment types", environment_types.join(", ")),
        ("history", if *history { "late reports as well".to_owned() } else { String::new() }),
        ("format", format.clone()),
        ("headers", headers.join(", ")),
        ("project", project.as_ref().map(|project| project.name.clone()).unwrap_or_default()),
        ("attempts at once", pace),
        ("per second", rate_per_second.map(|rate| rate.to_string()).unwrap_or_default()),
        ("timeout", format!("{timeout_ms} ms")),
        ("retries after", if retries.is_empty() { "none".to_owned() } else { retries.join(", ") }),
        ("signature", signature.clone()),
        ("public key", public_key.clone().unwrap_or_default()),
    ]
}

fn standing(health: &Health, now: Timestamp) -> Vec<(&'static str, String)> {
    let Health {
        behind,
        in_flight,
        retrying,
        dead,
        failing_since,
        last_success_at,
        last_failure_at,
        breaker_open_since,
        next_probe_at,
        resting_until,
        missed,
    } = health;
    let ago = |at: Option<Timestamp>| at.map(|at| format!("{} ago", age(now, at)));
    let sick = breaker_open_since.map(|since| {
        let probe = next_probe_at.map_or_else(String::new, |at| {
            format!("; the next probe goes out in {}", short(at.since(now)))
        });
        format!("{FAILED} its receiver is sick for {}{probe}", age(now, since))
    });
    let range = |Missed { first, last }: &Missed| format!("{first} to {last}; see webhook replay");
    vec![
        ("last success", ago(*last_success_at).unwrap_or_else(|| "never".to_owned())),
        ("last failure", ago(*last_failure_at).unwrap_or_else(|| "never".to_owned())),
        ("failing for", failing_since.map(|since| age(now, since)).unwrap_or_default()),
        ("breaker", sick.unwrap_or_default()),
        ("rests for", resting_until.map(|at| short(at.since(now))).unwrap_or_default()),
        ("waiting", format!("{behind} events, {in_flight} in flight, {retrying} to retry")),
        ("dead", dead.to_string()),
        ("missed", missed.as_ref().map(range).unwrap_or_default()),
    ]
}

fn wanted_events(webhook: &Webhook) -> String {
    if webhook.events.is_empty() { "all".to_owned() } else { webhook.events.join(", ") }
}

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

/// What needs a look is marked.
fn marked(state: &str) -> String {
    match state {
        "dead" | "disabled" => format!("{FAILED} {state}"),
        _ => state.to_owned(),
    }
}
