//! What a person is told of a report: what would be sent, and what became of it.

use std::fmt::Write;

use serde::Deserialize;

use super::super::connection::Address;
use super::super::shapes::Run;
use super::super::table::table;
use super::Kind;
use super::draft::Draft;

/// The server's answer to a report.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    #[serde(alias = "deployment", alias = "build")]
    run: Run,
    #[serde(default)]
    repeated: bool,
    #[serde(default)]
    became_current: bool,
}

/// What a dry run prints.
pub(super) fn rehearsal(kind: Kind, address: Option<&Address>, draft: &Draft) -> String {
    let values = draft.values.iter().map(|(path, found)| ((*path).to_owned(), found));
    let metadata = draft.metadata.iter().map(|(key, found)| (format!("metadata.{key}"), found));
    let row = |(field, found): (String, &super::super::detect::Found)| {
        vec![field, found.value.clone(), found.origin.clone()]
    };
    let rows = values.chain(metadata).map(row).collect();
    let server = address.map_or_else(|| "<no server set>".to_owned(), ToString::to_string);
    let path = kind.path();
    let table = table(&["FIELD", "VALUE", "FROM"], rows);
    format!("Dry run: nothing is sent. Without --dry-run: POST {server}/api/v1{path}\n\n{table}")
}

/// What became of the report, in a line; what is odd about it in lines of their own.
pub(super) fn told(answer: &Answer) -> String {
    let Answer { run, repeated, became_current } = answer;
    let (application, version) = (&run.application.name, &run.version.name);
    let mut text = format!("{application} {version}");
    let place = run.place();
    if !place.is_empty() {
        // Writing to a string can't fail.
        let _ = write!(text, " → {place}");
    }
    let _ = write!(text, ": {}", run.status);
    if *became_current {
        text.push_str(", now current");
    }
    if *repeated {
        text.push_str(" (known already, nothing changed)");
    }
    let _ = write!(text, "\nid {}", run.id);
    for flag in &run.flags {
        let _ = write!(text, "\nnote: {}", flag_in_words(flag));
    }
    text
}

fn flag_in_words(flag: &str) -> &str {
    match flag {
        "other_sha" => "it names another commit than the build of its version did",
        "clock_ahead" => "it tells a time over ten minutes ahead: is a clock wrong?",
        other => other,
    }
}
