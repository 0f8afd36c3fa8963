//! The variables of CI systems, a `NAME=value` on each line.
//!
//! Credentials are put into every address, and none of them may come out of it.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;

/// Digits and letters only, so that nothing that is done to an address changes it.
const PASSWORD: &str = "hunter2hunter2";

fuzz_target!(|input: &str| {
    if input.contains(PASSWORD) {
        return;
    }
    let environment: BTreeMap<String, String> = input.lines().filter_map(variable).collect();
    for (field, value) in landfall::fuzzing::detected(&environment) {
        assert!(!value.trim().is_empty(), "{field} is blank");
        let is_cleaned = matches!(field, "repository" | "application" | "run_url");
        assert!(!(is_cleaned && value.contains(PASSWORD)), "{field}: {value}");
    }
});

fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let is_address = ["URL", "URI", "REMOTE"].iter().any(|end| name.ends_with(end));
    let value = match value.split_once("://") {
        Some((scheme, rest)) if is_address => format!("{scheme}://ci:{PASSWORD}@{rest}"),
        _ => value.to_owned(),
    };
    Some((name.to_owned(), value))
}
