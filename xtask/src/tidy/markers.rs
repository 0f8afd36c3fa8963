//! Nothing lands half done: no notes for later, no code that is switched off by comment marks.
//!
//! The marks are put together from pieces, so that this file does not find itself.

use super::Finding;
use super::text::{has_word, word_starts};
use super::workspace::{TextFile, Workspace};

const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACROS: [&str; 2] = [concat!("to", "do!"), concat!("unimpl", "emented!")];

/// How a line of code may begin when it ends with an opening brace.
const BLOCK_STARTS: [&str; 12] = [
    "async ", "} else", "enum ", "fn ", "for ", "if ", "impl ", "loop", "match ", "mod ", "pub",
    "struct ",
];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let files = workspace.sources.iter().chain(&workspace.migrations);
    files.flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> impl Iterator<Item = Finding> {
    let lines = file.text.lines().enumerate();
    lines.filter_map(|(index, line)| {
        problem(line).map(|problem| Finding::in_line(&file.path, index, problem))
    })
}

fn problem(line: &str) -> Option<String> {
    if let Some(note) = NOTES.iter().find(|note| has_word(line, note)) {
        return Some(format!("`{note}`: do it now, or open an issue"));
    }
    if let Some(name) = MACROS.iter().find(|name| word_starts(line, name).next().is_some()) {
        return Some(format!("`{name}` must not land"));
    }
    let comment = line.trim_start().strip_prefix("//")?;
    let is_doc = comment.starts_with(['/', '!']);
    let is_code = !is_doc && is_code(comment.trim());
    is_code.then(|| "commented-out code: delete it, git remembers".to_owned())
}

/// Whether a comment reads as Rust. It rather misses some code than takes a sentence for it.
fn is_code(comment: &str) -> bool {
    let is_closing = comment.starts_with(['}', ')'])
        && comment.chars().all(|c| matches!(c, '}' | ')' | ';' | ',' | '?'));
    let is_block =
        comment.ends_with('{') && BLOCK_STARTS.iter().any(|start| comment.starts_with(start));
    let is_binding = comment.starts_with("let ") && comment.ends_with(';');
    let is_import = comment.starts_with("use ") && comment.contains("::") && comment.ends_with(';');
    let is_attribute = comment.starts_with("#[") && comment.ends_with(']');
    is_closing || is_block || is_binding || is_import || is_attribute || is_call(comment)
}

/// A call as a statement: `store.commit(group).await?;`
fn is_call(comment: &str) -> bool {
    let callee = comment.split('(').next().unwrap_or_default();
    let has_callee = !callee.is_empty() && !callee.contains(char::is_whitespace);
    let is_ended = [");", ")?;", ".await;", ".await?;"].iter().any(|end| comment.ends_with(end));
    comment.contains('(') && has_callee && is_ended
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    #[test]
    fn nothing_is_left_half_done() {
        assert_tidy(check);
    }

    #[test]
    fn notes_and_unfinished_macros_are_found() {
        for mark in NOTES.iter().chain(&MACROS) {
            let line = format!("    run(); // {mark} later\n");
            let example = Workspace::of_sources(&[("bad.rs", &line)]);
            assert_eq!(found(check, &example).len(), 1, "{line}");
        }
    }

    #[test]
    fn notes_in_a_migration_are_found() {
        let sql = format!("\n-- {}: an index\n", NOTES[0]);
        let example = Workspace::of_migrations(&[], &[("migrations/0001_a.sql", &sql)]);
        let findings = found(check, &example);
        assert!(findings[0].starts_with("migrations/0001_a.sql:2: "), "{findings:?}");
    }

    #[test]
    fn words_that_only_contain_a_mark_are_not_notes() {
        for line in ["let MASTODONS = 1;", "\"sk_default_XXXX\"", "clippy::todo", "\"to do\""] {
            assert_eq!(problem(line), None, "{line}");
        }
    }

    #[test]
    fn code_behind_comment_marks_is_found() {
        for line in [
            "let a = 1;",
            "store.commit(group).await?;",
            "assert_eq!(a, b);",
            "if a == b {",
            "} else {",
            "});",
            "use std::fmt::Display;",
            "#[test]",
        ] {
            assert!(is_code(line), "{line}");
        }
    }

    #[test]
    fn sentences_are_not_code() {
        for line in [
            "Readers come first (they hold no lock);",
            "if the clock is behind;",
            "use the pool of readers;",
            "the sum, as `a + b`.",
            "{\"state\": \"completed\"}",
            "(see DESIGN)",
            "",
        ] {
            assert!(!is_code(line), "{line}");
        }
    }
}
