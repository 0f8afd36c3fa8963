//! `docs/compatibility.md` names every route of every vendor, and only tests that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::routes::paths;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/compatibility.md")).unwrap()
}

/// Everything between backticks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Landfall's own: its API, its pages, and what an operator asks.
fn is_own(path: &str) -> bool {
    const OWN: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];
    let is_akinon = path.starts_with("/api/v1/organizations/{");
    OWN.contains(&path) || path.starts_with("/api/v1") && !is_akinon
}

#[test]
fn every_route_of_a_vendor_is_on_the_page_and_no_other() {
    let served: BTreeSet<String> = paths().into_iter().filter(|path| !is_own(path)).collect();
    let page = page();
    let methods = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE "];
    let route = |text: &str| methods.iter().find_map(|m| text.strip_prefix(m)).map(str::to_owned);
    let told: BTreeSet<String> = quoted(&page).filter_map(route).filter(|p| !is_own(p)).collect();
    assert_eq!(served, told);
}

#[test]
fn every_test_that_the_page_names_exists() {
    let page = page();
    let named: Vec<&str> = quoted(&page).filter(|text| text.contains("::")).collect();
    assert!(named.len() > 50, "{named:?}");
    for name in named {
        let (module, function) = name.rsplit_once("::").unwrap();
        let path = root().join("crates/landfall/tests/it").join(module.replace("::", "/"));
        let file = [path.with_extension("rs"), path.join("mod.rs")];
        let source = file.iter().find_map(|file| std::fs::read_to_string(file).ok());
        let source = source.unwrap_or_else(|| panic!("there is no module of `{name}`"));
        assert!(source.contains(&format!("fn {function}(")), "there is no test `{name}`");
    }
}
