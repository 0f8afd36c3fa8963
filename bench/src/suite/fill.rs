//! Servers that hold much: filled over HTTP, one finished report per deployment, as fast as they are
//! answered.
//!
//! In rounds that reach every cell of the matrix once, so that any number of rounds is a whole matrix.
//! A directory that is kept notes how far it has come, and the next run goes on from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Suite;
use crate::body::Template;
use crate::load::{self, Budget, Load, REPORT_PATH};
use crate::output;
use crate::server::Server;
use crate::tally::to_f64;

/// The columns of the matrix.
pub(super) const ENVIRONMENTS: u32 = 50;
const APPLICATIONS_MAX: u64 = 2_000;
/// Many, so that groups are large.
const CONNECTIONS: u32 = 256;
/// What a kept directory says of itself, beside the data.
const NOTE: &str = "filled.json";

/// A data directory that holds many deployments. It goes when this is dropped, unless it is kept.
pub(super) struct Filled {
    pub(super) data: PathBuf,
    pub(super) note: Note,
    /// Held only for what its drop removes.
    _temporary: Option<TempDir>,
}

/// How far a directory has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// The rows of the matrix.
    pub(super) applications: u32,
    /// At least.
    pub(super) deployments: u64,
    /// That filling took, in all runs together.
    pub(super) seconds: f64,
}

impl Note {
    fn for_up_to(deployments: u64) -> Self {
        let applications = (deployments / u64::from(ENVIRONMENTS)).clamp(1, APPLICATIONS_MAX);
        let applications = u32::try_from(applications).unwrap_or(u32::MAX);
        Self { applications, deployments: 0, seconds: 0.0 }
    }

    fn cells(self) -> u64 {
        u64::from(self.applications) * u64::from(ENVIRONMENTS)
    }

    pub(super) fn deployments_per_s(self) -> f64 {
        to_f64(self.deployments) / self.seconds.max(f64::EPSILON)
    }
}

/// A directory with so many deployments, or as many as could be reported in the time.
pub(super) fn filled(suite: &Suite, deployments: u64) -> anyhow::Result<Filled> {
    let (place, temporary) = if let Some(keep) = &suite.keep {
        (keep.join(deployments.to_string()), None)
    } else {
        let directory = suite.launcher.directory()?;
        (directory.path().to_owned(), Some(directory))
    };
    let data = place.join("data");
    fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
    let mut note = read(&place)?.unwrap_or_else(|| Note::for_up_to(deployments));
    if note.deployments < deployments {
        fill(suite, &data, &mut note, deployments, |note| write(&place, note))?;
    }
    ensure!(note.deployments > 0, "no deployment was reported in the time to fill");
    Ok(Filled { data, note, _temporary: temporary })
}

fn read(place: &Path) -> anyhow::Result<Option<Note>> {
    let path = place.join(NOTE);
    if !path.exists() {
        return Ok(None);
    }
    let read = || anyhow::Ok(serde_json::from_slice(&fs::read(&path)?)?);
    read().map(Some).with_context(|| format!("cannot read {}", path.display()))
}

fn write(place: &Path, note: Note) -> anyhow::Result<()> {
    let path = place.join(NOTE);
    let written = fs::write(&path, serde_json::to_string_pretty(&note)?);
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn fill(
    suite: &Suite,
    data: &Path,
    note: &mut Note,
    deployments: u64,
    keep: impl Fn(Note) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let instance = suite.start(data)?;
    let begun = Instant::now();
    while note.deployments < deployments && begun.elapsed() < suite.setting.fill_max {
        let result = suite.block_on(load::apply(round(suite, &instance.server, *note)?))?;
        ensure!(result.failures() == 0, "not all reports were accepted:\n{result}");
        note.deployments += result.accepted;
        note.seconds += result.seconds;
        keep(*note)?;
        let (held, per_s) = (note.deployments, result.accepted_per_s);
        output::progress(&format!("  {held} of {deployments} deployments, {per_s:.0}/s"));
    }
    instance.stop()
}

fn round(suite: &Suite, server: &Server, note: Note) -> anyhow::Result<Load> {
    Ok(Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections: CONNECTIONS,
        budget: Budget::Deployments(note.cells()),
        plan: suite.plan(note.applications, ENVIRONMENTS)?,
        template: Template::versioner(),
        statuses: &["completed"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_fifty_columns_and_at_most_two_thousand_rows() {
        let cells = |deployments| {
            let note = Note::for_up_to(deployments);
            (note.applications, note.cells())
        };
        assert_eq!(cells(50), (1, 50));
        assert_eq!(cells(10_000), (200, 10_000));
        assert_eq!(cells(10_000_000), (2_000, 100_000));
    }

    #[test]
    fn a_kept_directory_remembers_how_far_it_has_come() {
        let place = tempfile::tempdir().unwrap();
        assert!(read(place.path()).unwrap().is_none());
        let note = Note { deployments: 7, seconds: 2.0, ..Note::for_up_to(10_000) };

        write(place.path(), note).unwrap();

        let read = read(place.path()).unwrap().unwrap();
        assert_eq!((read.applications, read.deployments), (200, 7));
        assert!((read.deployments_per_s() - 3.5).abs() < 1e-9);
    }
}
