//! The reports that a deployment was made from, as they were understood.

use landfall_domain::facts::Facts;
use landfall_domain::run::{Entry, Run};
use landfall_domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::super::words::{Sign, instant, sign};

/// One report.
pub(super) struct ShownReport {
    pub sign: Sign,
    pub arrived_at: Timestamp,
    pub instant: String,
    pub json: String,
}

/// The reports, in the order in which they count.
pub(super) fn shown(run: &Run) -> Vec<ShownReport> {
    let reports = run.entries().iter().map(|entry| ShownReport {
        sign: sign(entry.status),
        arrived_at: entry.arrived_at,
        instant: instant(entry.arrived_at),
        json: pretty(&told(entry).to_string()),
    });
    reports.collect()
}

/// JSON, indented; what is none stays as it is.
pub(super) fn pretty(text: &str) -> String {
    let parsed = serde_json::from_str::<Value>(text);
    let indented = parsed.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    indented.unwrap_or_else(|| text.to_owned())
}

fn told(entry: &Entry) -> Value {
    let mut report = Map::new();
    report.insert("status".to_owned(), json!(entry.status));
    report.insert("counts_at".to_owned(), json!(entry.at));
    report.insert("told_at".to_owned(), json!(entry.told));
    report.insert("arrived_at".to_owned(), json!(entry.arrived_at));
    report.extend(facts(&entry.facts));
    report.retain(|_, value| !value.is_null() && *value != json!([]));
    Value::Object(report)
}

fn facts(facts: &Facts) -> Map<String, Value> {
    let Facts {
        started_at,
        commit_sha,
        branch,
        repository,
        build_number,
        source_system,
        url,
        actor,
        actor_email,
        actor_name,
        description,
        error_message,
        error_code,
        links,
        commits,
        metadata,
    } = facts;
    let named = [
        ("started_at", json!(started_at)),
        ("commit_sha", json!(commit_sha)),
        ("branch", json!(branch)),
        ("repository", json!(repository)),
        ("build_number", json!(build_number)),
        ("source_system", json!(source_system)),
        ("url", json!(url)),
        ("actor", json!(actor)),
        ("actor_name", json!(actor_name)),
        ("actor_email", json!(actor_email)),
        ("description", json!(description)),
        ("error_message", json!(error_message)),
        ("error_code", json!(error_code)),
        ("links", json!(links)),
        ("commits", json!(commits)),
        ("metadata", json!(metadata)),
    ];
    named.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}
