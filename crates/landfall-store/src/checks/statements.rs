//! Every statement of the store, and what their texts must be like.

use std::path::Path;

use super::schema::is_of_tenants;
use crate::{idempotency, installation, queries, rows};

/// Statements that read what all organizations have, and why they may.
const OF_ALL: [(&str, &str); 8] = [
    ("FROM webhooks ORDER BY organization_id, id", "the dispatcher starts with all of them"),
    ("FROM webhooks ORDER BY organization_id, id LIMIT 1", "they all have one master key"),
    ("FROM signing_keys ORDER BY organization_id, key_id LIMIT 1", "they all have one master key"),
    ("sealed FROM webhooks ORDER BY organization_id, id", "all have one master key"),
    ("sealed FROM signing_keys ORDER BY organization_id, key_id", "all have one master key"),
    ("FROM webhook_progress", "the dispatcher starts with the places of all"),
    ("FROM webhook_jobs WHERE state = 'running'", "the dispatcher goes on with all of them"),
    ("WHERE m.user_id = ?1 ORDER BY o.slug", "a person may be in several organizations"),
];

/// Each file that holds statements, and those.
pub(super) fn files() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("idempotency.rs", idempotency::STATEMENTS),
        ("installation.rs", installation::STATEMENTS),
        ("queries/builds.rs", queries::builds::STATEMENTS),
        ("queries/deployments.rs", queries::deployments::STATEMENTS),
        ("queries/status.rs", queries::status::STATEMENTS),
        ("queries/timeline.rs", queries::timeline::STATEMENTS),
        ("queries/tried.rs", queries::tried::STATEMENTS),
        ("queries/versions.rs", queries::versions::STATEMENTS),
        ("rows/api_key.rs", rows::api_key::STATEMENTS),
        ("rows/audit.rs", rows::audit::STATEMENTS),
        ("rows/build.rs", rows::build::STATEMENTS),
        ("rows/catalog.rs", rows::catalog::STATEMENTS),
        ("rows/cell.rs", rows::cell::STATEMENTS),
        ("rows/delivery.rs", rows::delivery::STATEMENTS),
        ("rows/deployment.rs", rows::deployment::STATEMENTS),
        ("rows/event.rs", rows::event::STATEMENTS),
        ("rows/lease.rs", rows::lease::STATEMENTS),
        ("rows/membership.rs", rows::membership::STATEMENTS),
        ("rows/node.rs", rows::node::STATEMENTS),
        ("rows/organization.rs", rows::organization::STATEMENTS),
        ("rows/refused.rs", rows::refused::STATEMENTS),
        ("rows/secret.rs", rows::secret::STATEMENTS),
        ("rows/session.rs", rows::session::STATEMENTS),
        ("rows/signing_key.rs", rows::signing_key::STATEMENTS),
        ("rows/user.rs", rows::user::STATEMENTS),
        ("rows/version.rs", rows::version::STATEMENTS),
        ("rows/webhook.rs", rows::webhook::STATEMENTS),
        ("rows/webhook_change.rs", rows::webhook_change::STATEMENTS),
        ("rows/webhook_job.rs", rows::webhook_job::STATEMENTS),
    ]
}

pub(super) fn all() -> impl Iterator<Item = &'static str> {
    files().into_iter().flat_map(|(_, statements)| statements.iter().copied())
}

/// The files of a folder, and of those in it, with their texts.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let name = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((name.to_str().unwrap().to_owned(), text));
        }
    }
}

#[test]
fn every_statement_of_the_store_is_in_the_list() {
    let mut found = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    // What these hold is about one engine only, and runs whenever that is opened.
    let has_own = |name: &str| {
        ["checks/", "copy/", "driver/", "migrate/", "open.rs", "writer/plans.rs"]
            .iter()
            .any(|own| name.starts_with(own))
    };
    let listed = files();
    for (name, text) in found.iter().filter(|(name, _)| !has_own(name)) {
        let constants = text.lines().filter_map(|line| line.strip_prefix("const "));
        let constants = constants.filter_map(|rest| rest.split_once(": &str"));
        let names: Vec<&str> = constants.map(|(name, _)| name).collect();
        let list = listed.iter().find(|(listed, _)| listed == name);
        assert_eq!(list.map_or(0, |(_, list)| list.len()), names.len(), "{name} has {names:?}");
    }
}

#[test]
fn a_question_mark_is_a_placeholder_and_nothing_else() {
    for sql in all() {
        for (place, _) in sql.match_indices('?') {
            assert!(sql[place + 1..].starts_with(|c: char| c.is_ascii_digit()), "{sql}");
            assert_eq!(sql[..place].matches('\'').count() % 2, 0, "in a literal: {sql}");
        }
    }
}

/// The tables that a statement names, each with the name that it gives it.
fn tables(sql: &str) -> Vec<(&str, &str)> {
    let words: Vec<&str> =
        sql.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let is_action = place > 0 && words[place - 1] == "DO";
        if is_action || !["FROM", "JOIN", "INTO", "UPDATE"].contains(word) {
            continue;
        }
        let Some(table) = words.get(place + 1).filter(|table| **table != "SELECT") else {
            continue;
        };
        let alias = words.get(place + 2).filter(|alias| alias.len() == 1);
        found.push((*table, alias.copied().unwrap_or_default()));
    }
    found
}

#[test]
fn every_statement_on_tenant_data_names_the_organization() {
    let mut excused = 0;
    for sql in all() {
        if OF_ALL.iter().any(|(part, _)| sql.ends_with(part)) {
            excused += 1;
            continue;
        }
        let named = tables(sql);
        assert!(!named.is_empty(), "{sql}");
        let of_tenants = named.iter().filter(|(table, _)| is_of_tenants(table));
        let (mut plain, mut wanted) = (0, Vec::new());
        for (_, alias) in of_tenants {
            if alias.is_empty() {
                plain += 1;
            } else {
                wanted.push(format!("{alias}.organization_id = "));
            }
        }
        for wanted in wanted {
            assert!(sql.contains(&wanted), "{wanted} is not in {sql}");
        }
        if sql.starts_with("INSERT ") {
            let begins = sql
                .split_once('(')
                .is_some_and(|(_, columns)| plain == 0 || columns.starts_with("organization_id,"));
            assert!(begins, "{sql}");
        } else {
            let names = sql.matches("organization_id = ?1").count();
            assert!(names >= plain, "{names} of {plain} in {sql}");
        }
    }
    assert_eq!(excused, OF_ALL.len(), "one of those no longer exists");
}
