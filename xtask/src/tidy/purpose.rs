//! Every source file opens by saying what it is for.

use super::Finding;
use super::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let is_silent = |text: &str| {
        let purpose = text.strip_prefix("//!").and_then(|rest| rest.lines().next());
        purpose.is_none_or(|purpose| purpose.trim().is_empty())
    };
    let silent = workspace.sources.iter().filter(|file| is_silent(&file.text));
    silent
        .map(|file| Finding::in_line(&file.path, 0, "does not open with `//!` and its purpose"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    #[test]
    fn every_file_opens_with_its_purpose() {
        assert_tidy(check);
    }

    #[test]
    fn a_file_that_opens_with_anything_else_is_found() {
        let example = Workspace::of_sources(&[
            ("good.rs", "//! What it is for.\n"),
            ("late.rs", "use std::fmt;\n//! Too late.\n"),
            ("blank.rs", "//!\n//! Says nothing at first.\n"),
            ("empty.rs", ""),
        ]);
        let problem = "does not open with `//!` and its purpose";
        assert_eq!(
            found(check, &example),
            ["late.rs", "blank.rs", "empty.rs"].map(|path| format!("{path}:1: {problem}"))
        );
    }
}
