//! The suite against the real server: everything once and briefly. Whether it was fast is not asked.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const BENCH: &str = env!("CARGO_BIN_EXE_landfall-bench");

/// As little of everything as there can be.
const BRIEF: &str = "suite --quick --seconds 0.05 --idle-seconds 0.05 --samples 5 --connections 4 \
    --webhooks 2 --beside 5 --subscribers 10 --deployments 50";

/// All but those that take long: an idle server is measured below, and for sizes one starts a dozen
/// times.
const PARTS: [&str; 7] = ["start", "ingest", "deliver", "failing", "stream", "memory", "queries"];

/// The server that `cargo nextest run --workspace` has built beside the suite.
fn landfall() -> PathBuf {
    let path = Path::new(BENCH).with_file_name("landfall");
    assert!(path.is_file(), "{} is not there; `cargo build -p landfall` first", path.display());
    path
}

fn run(folder: &Path, landfall: &Path, flags: &str) -> (Output, Value, String) {
    let (json, markdown) = (folder.join("suite.json"), folder.join("suite.md"));
    let mut command = Command::new(BENCH);
    command.args(BRIEF.split_whitespace()).args(flags.split_whitespace());
    command.arg("--landfall").arg(landfall).arg("--data").arg(folder);
    command.arg("--json").arg(&json).arg("--markdown").arg(&markdown);
    let output = command.env_remove("LANDFALL_BENCH_POSTGRES").output().unwrap();
    let read = |path| std::fs::read_to_string(path).unwrap();
    (output, serde_json::from_str(&read(&json)).unwrap(), read(&markdown))
}

fn of_part<'a>(report: &'a Value, part: &str) -> Vec<&'a Value> {
    report["lines"].as_array().unwrap().iter().filter(|line| line["part"] == part).collect()
}

#[test]
fn every_part_is_measured_and_shown() {
    let folder = tempfile::tempdir().unwrap();

    let only = format!("--only {}", PARTS.join(","));
    let (output, report, table) = run(folder.path(), &landfall(), &only);

    assert!(output.status.success(), "{}\n{table}", String::from_utf8_lossy(&output.stderr));
    for part in PARTS {
        let lines = of_part(&report, part);
        let measured = lines.iter().filter(|line| line["outcome"] == "measured");
        assert!(measured.count() > 0, "{part}\n{table}");
        assert!(lines.iter().all(|line| line["outcome"] != "failed"), "{part}\n{table}");
        assert!(table.contains(&format!("\n| {part} | ")), "{part}\n{table}");
    }
    for line in ["| processor | ", "| fdatasync of 4 KiB, p50 / p99 | ", "| landfall 0."] {
        assert!(table.contains(line), "{line}\n{table}");
    }
    assert!(table.contains("| ingest | 4 connections, PostgreSQL | left out: no --postgres |"));
    let floors = of_part(&report, "ingest").into_iter().filter_map(|line| line["floor"].as_str());
    let floors: Vec<&str> = floors.take(2).collect();
    assert_eq!(floors, ["raw group commit", "bare handler"]);
    let lost = report["lines"].as_array().unwrap().iter();
    let lost: Vec<&Value> = lost.filter(|line| line["goal"]["value_at_most"] == 0.0).collect();
    assert!(lost.len() == 4 && lost.iter().all(|line| line["reached"] == true), "{table}");
    // Servers are ended and their data is gone.
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "only the results are left");
}

#[test]
fn a_server_that_cannot_be_measured_is_shown_and_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();

    let (output, report, table) = run(folder.path(), Path::new("/bin/true"), "--only start,memory");

    assert_eq!(output.status.code(), Some(1));
    for part in ["start", "memory"] {
        let lines = of_part(&report, part);
        assert!(!lines.is_empty() && lines.iter().all(|line| line["outcome"] == "failed"));
    }
    assert!(table.contains("**failed**: /bin/true did not start"), "{table}");
}

#[test]
fn a_missed_goal_is_shown_and_fails_the_run_if_goals_are_required() {
    let folder = tempfile::tempdir().unwrap();

    let (output, report, table) = run(folder.path(), &landfall(), "--only idle --require-goals");

    // Whether it reaches them is not what is asked.
    let lines = report["lines"].as_array().unwrap().iter();
    let is_missed = lines.into_iter().any(|line| line["reached"] == false);
    assert_eq!(output.status.success(), !is_missed, "{table}");
    assert_eq!(table.contains("**no**"), is_missed, "{table}");
}

#[test]
fn a_filled_server_is_kept_and_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let flags = format!("--only queries --keep {}", keep.display());

    run(folder.path(), &landfall(), &flags);
    let noted = std::fs::read_to_string(keep.join("50/filled.json")).unwrap();
    let (output, report, table) = run(folder.path(), &landfall(), &flags);

    assert!(output.status.success(), "{table}");
    assert_eq!(std::fs::read_to_string(keep.join("50/filled.json")).unwrap(), noted);
    assert!(of_part(&report, "queries").len() > 10, "{table}");
}
