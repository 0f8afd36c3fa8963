//! The API's folders do not know each other: each names itself and `shared`, nothing else.
//!
//! So a vendor's dialect never leans on another one or on the native API, nor the native API on
//! a dialect, nor do they meet by way of `shared`. Only the crate's top-level files know them all.

use std::collections::BTreeSet;

use super::Finding;
use super::text::{leading_names, without_comment_lines, word_starts};
use super::workspace::{TextFile, Workspace};

const API: &str = "crates/landfall-api/src/";
const SHARED: &str = "shared";

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let in_api = || workspace.sources.iter().filter_map(|file| Some((file, path_in_api(file)?)));
    let folders: BTreeSet<&str> =
        in_api().filter_map(|(_, path)| Some(path.split_once('/')?.0)).collect();
    in_api()
        .filter_map(|(file, path)| Some((file, owner(path, &folders)?)))
        .flat_map(|(file, owner)| check_file(file, owner, &folders))
        .collect()
}

fn path_in_api(file: &TextFile) -> Option<&str> {
    file.path.strip_prefix(API)
}

/// The folder that a file belongs to; `versioner.rs` belongs to the folder `versioner` beside it.
fn owner<'a>(path: &'a str, folders: &BTreeSet<&str>) -> Option<&'a str> {
    let head = path.split('/').next().unwrap_or(path);
    let name = head.strip_suffix(".rs").unwrap_or(head);
    folders.contains(name).then_some(name)
}

fn check_file(file: &TextFile, owner: &str, folders: &BTreeSet<&str>) -> Vec<Finding> {
    let code = without_comment_lines(&file.text);
    let is_foreign = |name: &str| folders.contains(name) && name != owner && name != SHARED;
    let mut findings = Vec::new();
    for root in ["crate::", "super::"] {
        for at in word_starts(&code, root) {
            for name in leading_names(&code[at + root.len()..]) {
                if is_foreign(name) {
                    let line = code[..at].matches('\n').count();
                    let problem = format!("`{owner}` must not know `{name}`");
                    findings.push(Finding::in_line(&file.path, line, problem));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    /// What is found in one file of the API, beside a folder of each kind.
    fn found_in(path: &str, text: &str) -> Vec<String> {
        let path = format!("{API}{path}");
        let others = ["native", "shared", "versioner", "qovery"]
            .map(|folder| format!("{API}{folder}/other.rs"));
        let mut files: Vec<(&str, &str)> = others.iter().map(|path| (path.as_str(), "")).collect();
        files.push((&path, text));
        let findings = found(check, &Workspace::of_sources(&files));
        findings.iter().map(|finding| finding.replace(API, "")).collect()
    }

    #[test]
    fn no_dialect_knows_another() {
        assert_tidy(check);
    }

    #[test]
    fn a_dialect_that_names_its_sibling_is_found() {
        assert_eq!(
            found_in("versioner/mod.rs", "//! Text.\nuse crate::qovery::Webhook;\n"),
            ["versioner/mod.rs:2: `versioner` must not know `qovery`"]
        );
        assert_eq!(
            found_in("versioner.rs", "use super::qovery;\n"),
            ["versioner.rs:1: `versioner` must not know `qovery`"]
        );
    }

    #[test]
    fn a_sibling_is_found_within_a_group_and_up_the_path() {
        assert_eq!(
            found_in(
                "versioner/a.rs",
                "use crate::{\n    shared::Limits,\n    native::Problem,\n};"
            ),
            ["versioner/a.rs:1: `versioner` must not know `native`"]
        );
        assert_eq!(
            found_in("native/a/b.rs", "\nfn f() { super::super::versioner::call() }"),
            ["native/a/b.rs:2: `native` must not know `versioner`"]
        );
    }

    #[test]
    fn shared_knows_nobody() {
        assert_eq!(
            found_in("shared/mod.rs", "use crate::native::Problem;"),
            ["shared/mod.rs:1: `shared` must not know `native`"]
        );
    }

    #[test]
    fn itself_shared_and_the_top_level_are_free_to_be_named() {
        let text = "use crate::{shared, versioner::body, App};\nuse super::versioner;\n\
                    // Unlike crate::qovery, it has no state.\nuse other_crate::qovery;\n";
        assert!(found_in("versioner/mod.rs", text).is_empty());
        assert!(found_in("lib.rs", "use crate::{native, versioner, qovery};").is_empty());
    }
}
