//! The routes that are served, read off the router, so that a new one is covered by itself.

use std::collections::BTreeSet;

/// Paths that lead nowhere: they only say so in the words of their dialect.
fn is_catch_all(path: &str) -> bool {
    const ENDS: [&str; 10] = [
        "/",
        "/api/v1",
        "/api/v1/",
        "/docs/",
        "/organization/",
        "/orgs",
        "/orgs/",
        "/orgs/{org}",
        "/orgs/{org}/",
        "/v1/company/{company}",
    ];
    path.contains("{*") || ENDS.contains(&path)
}

/// The path of every route, as the router shows it; axum offers no other way to ask.
pub(super) fn paths() -> BTreeSet<String> {
    let shown = format!("{:?}", landfall_api::routes());
    let quoted = shown.split('"').skip(1).step_by(2);
    let paths = quoted.filter(|text| text.starts_with('/') && !is_catch_all(text));
    let paths: BTreeSet<String> = paths.map(str::to_owned).collect();
    assert!(paths.len() > 60, "the router shows its paths another way now: {paths:?}");
    paths
}
