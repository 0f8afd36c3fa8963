//! A file is one idea, so none is long.

use super::Finding;
use super::workspace::Workspace;

/// About 150 is usual; this is where a file certainly holds more than one idea.
const LINES_MAX: usize = 800;

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let too_long = |text: &str| Some(text.lines().count()).filter(|lines| *lines > LINES_MAX);
    let finding = |path: &str, lines: usize| {
        Finding::new(path, format!("has {lines} lines; {LINES_MAX} are the most, split it"))
    };
    let sources = workspace.sources.iter();
    sources
        .filter_map(|file| too_long(&file.text).map(|lines| finding(&file.path, lines)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    #[test]
    fn no_file_is_too_long() {
        assert_tidy(check);
    }

    #[test]
    fn a_file_of_one_line_too_many_is_found() {
        let longest = "\n".repeat(LINES_MAX);
        let too_long = "\n".repeat(LINES_MAX + 1);
        let example = Workspace::of_sources(&[("good.rs", &longest), ("bad.rs", &too_long)]);
        assert_eq!(found(check, &example), ["bad.rs: has 801 lines; 800 are the most, split it"]);
    }
}
