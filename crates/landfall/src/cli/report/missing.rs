//! What a report can't do without, and where it was looked for.

use std::collections::BTreeMap;

use super::super::detect::{Wanted, looked_at};
use super::super::failure::Failure;
use super::draft::Draft;

/// Refuses a draft that lacks something, and says how to give it.
pub(super) fn check(
    draft: &Draft,
    wants_environment: bool,
    variables: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    for (field, wanted) in [("application", Wanted::Application), ("version", Wanted::Version)] {
        if draft.find(field).is_none() {
            missing.push(format!("no {field}: {}", search(field, &looked_at(variables, wanted))));
        }
    }
    if wants_environment && draft.find("environment").is_none() {
        missing.push("no environment: give --environment, such as production".to_owned());
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure::local(missing.join("\n"))) }
}

fn search(field: &str, looked_at: &[&str]) -> String {
    if looked_at.is_empty() {
        let systems = "no CI system was recognised, and git knows none here";
        return format!("give --{field} ({systems})");
    }
    let names = looked_at.join(", ");
    format!("give --{field}, or set one of {names} (none is set or fits, and git knows none here)")
}
