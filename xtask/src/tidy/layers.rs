//! The crates' edges are the architecture:
//! `domain <- store <- engine <- {api, dashboard} <- landfall`.
//!
//! An arrow may skip a level but never turns. Read from the `Cargo.toml`s, of every kind of
//! dependency, so that a test does not go round the rule either.

use super::Finding;
use super::workspace::{Package, Workspace};

/// Each crate of the workspace, and which of them it may depend on.
const EDGES: [(&str, &[&str]); 9] = [
    ("landfall-domain", &[]),
    ("landfall-store", &["landfall-domain"]),
    ("landfall-engine", &["landfall-domain", "landfall-store"]),
    ("landfall-api", &["landfall-domain", "landfall-engine"]),
    ("landfall-dashboard", &["landfall-domain", "landfall-engine"]),
    (
        "landfall",
        &[
            "landfall-domain",
            "landfall-store",
            "landfall-engine",
            "landfall-api",
            "landfall-dashboard",
        ],
    ),
    ("landfall-bench", &[]),
    (
        "landfall-instructions",
        &["landfall-domain", "landfall-store", "landfall-engine", "landfall-api"],
    ),
    ("xtask", &[]),
];

/// What only some may depend on directly; `deny.toml` says the same of everyone's crates.
const GUARDED: [(&str, &[&str]); 3] = [
    ("axum", &["landfall-api", "landfall-dashboard", "landfall", "landfall-bench"]),
    ("rusqlite", &["landfall-store", "landfall-bench"]),
    ("tokio-postgres", &["landfall-store", "landfall-bench"]),
];

pub(super) fn check_edges(workspace: &Workspace) -> Vec<Finding> {
    workspace.packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == package.name) else {
        return vec![Finding::new(&package.name, "is not in the table of crate edges (xtask)")];
    };
    let is_ours = |name: &str| EDGES.iter().any(|(ours, _)| *ours == name);
    let turned = package
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str())
        .filter(|name| is_ours(name) && !allowed.contains(name));
    turned.map(|name| Finding::new(&package.name, format!("must not depend on {name}"))).collect()
}

pub(super) fn check_guarded(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        for (guarded, allowed) in GUARDED {
            let is_named = package.dependencies.iter().any(|d| d.name == guarded);
            if is_named && !allowed.contains(&package.name.as_str()) {
                let problem =
                    format!("must not depend on {guarded}; only {} may", allowed.join(", "));
                findings.push(Finding::new(&package.name, problem));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    #[test]
    fn the_crates_depend_on_each_other_as_drawn() {
        assert_tidy(check_edges);
    }

    #[test]
    fn guarded_crates_are_used_only_where_they_may_be() {
        assert_tidy(check_guarded);
    }

    #[test]
    fn an_arrow_may_skip_a_level_but_not_turn() {
        let example = Workspace::of_packages(&[
            ("landfall-domain", &["serde", "landfall-store"]),
            ("landfall-engine", &["landfall-domain", "landfall-store"]),
            ("landfall-api", &["landfall-domain", "landfall-dashboard", "landfall-store"]),
            ("landfall-bench", &["landfall-domain"]),
        ]);
        assert_eq!(
            found(check_edges, &example),
            [
                "landfall-domain: must not depend on landfall-store",
                "landfall-api: must not depend on landfall-dashboard",
                "landfall-api: must not depend on landfall-store",
                "landfall-bench: must not depend on landfall-domain",
            ]
        );
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_found() {
        let example = Workspace::of_packages(&[("landfall-extra", &[])]);
        assert_eq!(
            found(check_edges, &example),
            ["landfall-extra: is not in the table of crate edges (xtask)"]
        );
    }

    #[test]
    fn every_crate_of_the_table_names_only_crates_of_the_table() {
        let is_known = |name: &str| EDGES.iter().any(|(known, _)| *known == name);
        assert!(EDGES.iter().flat_map(|(_, allowed)| *allowed).all(|name| is_known(name)));
        assert!(GUARDED.iter().flat_map(|(_, allowed)| *allowed).all(|name| is_known(name)));
    }

    #[test]
    fn a_guarded_crate_elsewhere_is_found() {
        let example = Workspace::of_packages(&[
            ("landfall-store", &["rusqlite", "axum"]),
            ("landfall-api", &["axum", "axum-extra"]),
        ]);
        assert_eq!(
            found(check_guarded, &example),
            ["landfall-store: must not depend on axum; only landfall-api, landfall-dashboard, \
              landfall, landfall-bench may"]
        );
    }
}
