//! The floor of storing: a recording written again in groups as large as the server's, each answered
//! once it is durable. No HTTP, no JSON, nothing looked up and nothing decided.
//!
//! It is the same file with the same tables, indexes and journal, and the same rows with the same keys
//! in the same order. One thread writes; as in the server, a second one syncs and a third one copies
//! the log into the file. No more reports are under way than there are connections.

mod copies;
mod syncing;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::Connection;

use self::copies::{Copies, with_copies};
use self::syncing::{Syncing, with_syncing};
use self::writer::Writer;
use super::recording::Recording;
use crate::subject;
use crate::tally::to_f64;

/// What the table calls it.
pub(super) const RAW_COMMIT: &str = "raw group commit";

/// Whoever commits waits neither for the disk nor for a checkpoint. The cache is as large as the
/// server's.
const PRAGMAS: &str = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; \
    PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY";

/// How fast a recording was written again.
pub(super) struct Replayed {
    /// Of the reports that its rows are of.
    pub(super) reports_per_s: f64,
    /// Of the time of the thread that writes.
    pub(super) part_waiting: f64,
}

/// How many reports come at once, how many may be unanswered, and for how long at most: as long as the
/// server was measured, since many disks are fast for a while only.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    pub(super) reports_in_a_group: f64,
    pub(super) connections: u32,
    pub(super) length: Duration,
}

/// The same in rows.
struct Rows {
    in_a_group: usize,
    unanswered_max: usize,
    per_report: f64,
    until: Instant,
}

/// What was written, and how much of that time went by waiting for the disk.
#[derive(Debug)]
struct Written {
    rows: usize,
    waiting: Duration,
}

/// Writes a recording into a fresh copy of the file it began with.
pub(super) fn replay(recording: &Recording, parent: &Path, flow: Flow) -> anyhow::Result<Replayed> {
    let directory = subject::temporary_in(parent)?;
    let file = directory.path().join("data");
    recording.copy_beginning(&file)?;
    let (db, log) = open(&file)?;
    let begun = Instant::now();
    let rows = flow.rows(recording, begun);
    let written = with_copies(&file, |mut copies| {
        with_syncing(&log, |syncing| write_all(&db, recording, &rows, syncing, &mut copies))
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Replayed {
        reports_per_s: to_f64(written.rows as u64) / rows.per_report / seconds,
        part_waiting: written.waiting.as_secs_f64() / seconds,
    })
}

/// The file, and the log that commits are appended to.
fn open(file: &Path) -> anyhow::Result<(Connection, File)> {
    let db = Connection::open(file)?;
    db.execute_batch(PRAGMAS)?;
    // Reading once makes the log.
    db.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let log = File::options().write(true).open(log_of(file));
    Ok((db, log.context("the data file keeps no write-ahead log")?))
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

impl Flow {
    /// As many rows as the server writes for so many reports.
    fn rows(self, recording: &Recording, begun: Instant) -> Rows {
        let per_report = to_f64(recording.writes.len() as u64) / to_f64(recording.reports);
        let in_a_group = whole(self.reports_in_a_group * per_report);
        // A group is never larger than what may be unanswered, or nothing would ever begin.
        let unanswered_max = whole(f64::from(self.connections) * per_report).max(in_a_group);
        Rows { in_a_group, unanswered_max, per_report, until: begun + self.length }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "thousands of rows at most"
)]
fn whole(rows: f64) -> usize {
    rows.round().max(1.0) as usize
}

fn write_all(
    db: &Connection,
    recording: &Recording,
    rows: &Rows,
    syncing: &Syncing,
    copies: &mut Copies<'_>,
) -> anyhow::Result<Written> {
    let tables = recording.tables.iter().map(|table| Writer::prepare(db, table));
    let mut tables: Vec<Writer<'_>> = tables.collect::<Result<_, _>>()?;
    let (mut begin, mut commit) = (db.prepare("BEGIN IMMEDIATE")?, db.prepare("COMMIT")?);
    let mut written = Written { rows: 0, waiting: Duration::ZERO };
    for group in recording.writes.chunks(rows.in_a_group) {
        // However late it begins, there is a first one.
        if written.rows > 0 && Instant::now() >= rows.until {
            break;
        }
        written.waiting += syncing.wait_until_unsynced(rows.unanswered_max - group.len())?;
        begin.execute([])?;
        group.iter().try_for_each(|write| tables[write.table].write(write))?;
        commit.execute([])?;
        syncing.committed(group.len());
        copies.after_group(db, group.len() as u64);
        written.rows += group.len();
    }
    written.waiting += syncing.wait_until_unsynced(0)?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::super::recording::tests::recording;
    use super::*;

    fn flow(reports_in_a_group: f64, connections: u32) -> Flow {
        Flow { reports_in_a_group, connections, length: Duration::from_mins(1) }
    }

    #[test]
    fn what_is_written_again_is_what_the_recorded_load_left() {
        let recording = recording();
        for reports_in_a_group in [1.0, 2.0, 100.0] {
            let file = tempfile::NamedTempFile::new().unwrap();
            recording.copy_beginning(file.path()).unwrap();
            let (db, log) = open(file.path()).unwrap();
            let rows = flow(reports_in_a_group, 2).rows(&recording, Instant::now());

            let written = with_copies(file.path(), |mut copies| {
                with_syncing(&log, |it| write_all(&db, &recording, &rows, it, &mut copies))
            });

            assert_eq!(written.unwrap().rows, 3);
            let mut things = db.prepare("SELECT b, c FROM things ORDER BY b").unwrap();
            let things = things.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            let things: Vec<(i64, Option<String>)> = things.map(Result::unwrap).collect();
            assert_eq!(things, [(1, Some("ended".to_owned())), (2, None)]);
        }
    }

    #[test]
    fn a_group_has_as_many_rows_as_its_reports_left() {
        let recording = recording();
        let rows = |reports, connections| {
            let rows = flow(reports, connections).rows(&recording, Instant::now());
            (rows.in_a_group, rows.unanswered_max)
        };

        assert_eq!(rows(33.0, 64), (33, 64));
        assert_eq!(rows(0.1, 1), (1, 1));
        assert_eq!(rows(70.0, 64), (70, 70));
    }

    #[test]
    fn a_replay_ends_with_its_time_and_counts_what_it_wrote() {
        let recording = recording();
        let file = tempfile::NamedTempFile::new().unwrap();
        recording.copy_beginning(file.path()).unwrap();
        let (db, log) = open(file.path()).unwrap();
        let flow = Flow { length: Duration::ZERO, ..flow(1.0, 1) };
        let rows = flow.rows(&recording, Instant::now());

        let written = with_copies(file.path(), |mut copies| {
            with_syncing(&log, |it| write_all(&db, &recording, &rows, it, &mut copies))
        });

        assert_eq!(written.unwrap().rows, 1);
    }

    #[test]
    fn a_replay_tells_its_rate_and_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();

        let replayed = replay(&recording(), parent.path(), flow(1.0, 1)).unwrap();

        assert!(replayed.reports_per_s > 0.0 && replayed.part_waiting < 1.0);
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
