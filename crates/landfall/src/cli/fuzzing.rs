//! What the command line reads of its surroundings, for fuzzing.

use std::collections::BTreeMap;

use super::detect::{Detected, Found, GitFacts, Told, detect};

/// What a report is given in an environment outside of any checkout: (field, value), where a field of
/// its metadata is named `metadata`.
pub fn detected(environment: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let Detected {
        system,
        application,
        version,
        commit_sha,
        branch,
        repository,
        build_number,
        invoke_id,
        run_url,
        actor,
        actor_email,
        actor_name,
        metadata,
    } = detect(environment, &GitFacts::default(), Told::default());
    let fields: [(_, Option<Found>); 11] = [
        ("application", application),
        ("version", version),
        ("commit_sha", commit_sha),
        ("branch", branch),
        ("repository", repository),
        ("build_number", build_number),
        ("invoke_id", invoke_id),
        ("run_url", run_url),
        ("actor", actor),
        ("actor_email", actor_email),
        ("actor_name", actor_name),
    ];
    let found = fields.into_iter().filter_map(|(field, found)| Some((field, found?.value)));
    let metadata = metadata.into_values().map(|value| ("metadata", value));
    system
        .map(|name| ("system", name.to_owned()))
        .into_iter()
        .chain(found)
        .chain(metadata)
        .collect()
}
