//! Webhooks, and how they are doing, as a person reads them.

use std::time::Duration;

use landfall_domain::time::Timestamp;

use super::super::age::{age, short};
use super::super::output::FAILED;
use super::super::table::table;
use super::shapes::{Filters, Health, Missed, Webhook};

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

/// What needs a look is marked.
pub(super) fn marked(state: &str) -> String {
    match state {
        "dead" | "disabled" => format!("{FAILED} {state}"),
        _ => state.to_owned(),
    }
}
