//! Migrations are numbered without gaps, and only add.
//!
//! A node of the last release may still run beside this one, so nothing it reads may go away or
//! change its name under it.

use super::Finding;
use super::text::{has_word, is_word_char};
use super::workspace::{TextFile, Workspace};

const FOLDER: &str = "migrations/";
const STORE: &str = "crates/landfall-store/src/";

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings: Vec<Finding> = check_presence(workspace).into_iter().collect();
    for (index, file) in workspace.migrations.iter().enumerate() {
        findings.extend(check_name(file, index + 1));
        findings.extend(check_statements(file));
    }
    findings
}

/// A store of more than its `lib.rs` has tables, so it has a migration that makes them.
fn check_presence(workspace: &Workspace) -> Option<Finding> {
    let store_files = workspace.sources.iter().filter(|file| file.path.starts_with(STORE)).count();
    let is_missing = store_files > 1 && workspace.migrations.is_empty();
    is_missing.then(|| Finding::new(FOLDER, "holds no migration, but the store has code"))
}

/// `NNNN_name.sql`, where NNNN is the file's place in the list, from 1.
fn check_name(file: &TextFile, number: usize) -> Option<Finding> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_name_byte);
    let is_right = file
        .path
        .strip_prefix(FOLDER)
        .and_then(|name| name.strip_suffix(".sql"))
        .and_then(|stem| stem.strip_prefix(&format!("{number:04}_")))
        .is_some_and(is_name);
    (!is_right).then(|| Finding::new(&file.path, format!("should be {FOLDER}{number:04}_name.sql")))
}

fn is_name_byte(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')
}

fn check_statements(file: &TextFile) -> Vec<Finding> {
    let sql = without_comments(&file.text).to_ascii_uppercase();
    let words = sql.split(';').filter_map(subtraction);
    words.map(|word| Finding::new(&file.path, format!("{word}: a migration only adds"))).collect()
}

/// The word by which a statement takes something away that another node may read, if it does. An index is
/// named by no query.
fn subtraction(statement: &str) -> Option<&'static str> {
    let mut words = statement.split(|c| !is_word_char(c)).filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some("DROP"), Some("INDEX")) => None,
        _ if has_word(statement, "DROP") => Some("DROP"),
        (Some("ALTER"), _) if has_word(statement, "RENAME") => Some("RENAME"),
        _ => None,
    }
}

/// The SQL up to `--` in each line.
fn without_comments(sql: &str) -> String {
    let before_comment = |line: &str| line.split("--").next().unwrap_or_default().to_owned();
    let lines: Vec<String> = sql.lines().map(before_comment).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, found};
    use super::*;

    #[test]
    fn our_migrations_are_numbered_and_only_add() {
        assert_tidy(check);
    }

    #[test]
    fn a_store_with_code_needs_a_migration() {
        let lib = "crates/landfall-store/src/lib.rs";
        let code = "crates/landfall-store/src/commit.rs";
        assert!(found(check, &Workspace::of_migrations(&[lib], &[])).is_empty());
        assert_eq!(
            found(check, &Workspace::of_migrations(&[lib, code], &[])),
            ["migrations/: holds no migration, but the store has code"]
        );
    }

    #[test]
    fn gaps_repeats_and_odd_names_are_found() {
        let files =
            ["0001_a.sql", "0001_b.sql", "0003_c2.sql", "0005_d.sql", "0005_Bad.sql", "readme.md"];
        let paths = files.map(|file| format!("{FOLDER}{file}"));
        let migrations: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        assert_eq!(
            found(check, &Workspace::of_migrations(&[], &migrations)),
            [
                "migrations/0001_b.sql: should be migrations/0002_name.sql",
                "migrations/0005_d.sql: should be migrations/0004_name.sql",
                "migrations/0005_Bad.sql: should be migrations/0005_name.sql",
                "migrations/readme.md: should be migrations/0006_name.sql",
            ]
        );
    }

    #[test]
    fn what_takes_away_is_found() {
        let path = "migrations/0001_a.sql";
        let problems = |sql| found(check, &Workspace::of_migrations(&[], &[(path, sql)]));
        let dropped = [format!("{path}: DROP: a migration only adds")];
        let renamed = [format!("{path}: RENAME: a migration only adds")];
        assert_eq!(problems("CREATE TABLE a (b);\ndrop\ntable a;"), dropped);
        assert_eq!(problems("ALTER TABLE a DROP COLUMN b;"), dropped);
        assert_eq!(problems("-- Why.\nAlter table a rename b to c"), renamed);
        assert!(problems("ALTER TABLE a ADD b TEXT; -- DROP it later").is_empty());
        assert!(problems("DROP INDEX IF EXISTS a;").is_empty());
        assert!(problems("CREATE TABLE a (dropped BIGINT, rename TEXT);").is_empty());
    }
}
