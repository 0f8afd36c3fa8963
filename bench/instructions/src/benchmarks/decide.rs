//! Deciding reports, on what is in memory.

use std::sync::Arc;

use anyhow::ensure;
use landfall_domain::actor::Actor;
use landfall_domain::catalog::{Catalog, DEFAULT_PROJECT, Organization, Project};
use landfall_domain::command::{Command, Envelope};
use landfall_domain::decide::decide;
use landfall_domain::id::{Id, IdSource};
use landfall_domain::outcome::{Decision, Outcome};
use landfall_domain::report::Report;
use landfall_domain::settings::Settings;
use landfall_domain::sha::CommitSha;
use landfall_domain::snapshot::Snapshot;
use landfall_domain::status::Status::{Completed, Started};
use landfall_domain::text::ProjectName;
use landfall_domain::time::Timestamp;

use super::Benchmark;
use super::reports::{build, deployment};
use crate::counted::the_counted_part;

pub(super) const BENCHMARKS: &[Benchmark] = &[
    Benchmark::pure("decide: a deployment that started", || {
        decide_one(deployment(7, PRODUCTION, 2, Started)?)
    }),
    Benchmark::pure("decide: a deployment that ended well", || {
        decide_one(deployment(6, PRODUCTION, 1, Completed)?)
    }),
    Benchmark::pure("decide: a repeat", || decide_one(deployment(5, PRODUCTION, 1, Completed)?)),
    Benchmark::pure("decide: a build", || decide_one(build(7, 2)?)),
    Benchmark::pure("decide: a build that is refused", decide_a_refused_build),
    Benchmark::pure("decide: a group of 32", decide_a_group),
];

const PRODUCTION: &str = "production";
/// Applications that are known before anything is counted.
const KNOWN: usize = 32;

/// One organization's ledger, all in memory.
struct Ledger {
    snapshot: Snapshot,
    commands: u64,
}

impl Ledger {
    /// With applications that were built, of which the first six were deployed, and one is being.
    fn new() -> anyhow::Result<Self> {
        let mut ledger = Self { snapshot: empty()?, commands: 0 };
        for application in 0..KNOWN {
            ledger.take_in(build(application, 1)?)?;
            ledger.take_in(deployment(application, PRODUCTION, 1, Started)?)?;
            if application != 6 {
                ledger.take_in(deployment(application, PRODUCTION, 1, Completed)?)?;
            }
        }
        // Whoever stores them holds them still; and their end is not to be counted.
        std::mem::forget(ledger.snapshot.take_changes());
        Ok(ledger)
    }

    fn take_in(&mut self, report: Report) -> anyhow::Result<()> {
        let envelope = self.envelope(report);
        decide(&mut self.snapshot, envelope)?;
        Ok(())
    }

    /// A report on its way, a second after the one before.
    fn envelope(&mut self, report: Report) -> Envelope {
        self.commands += 1;
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.commands.to_be_bytes());
        Envelope {
            actor: Actor { key_id: "k1".to_owned() },
            at: Timestamp::from_micros(
                1_772_366_400_000_000 + self.commands.cast_signed() * 1_000_000,
            ),
            entropy,
            command: Command::Report(Arc::new(report)),
        }
    }
}

fn empty() -> anyhow::Result<Snapshot> {
    let mut catalog = Catalog::default();
    catalog.load_project(Project {
        id: id(2),
        name: ProjectName::parse(DEFAULT_PROJECT)?,
        aliases: Vec::new(),
        description: None,
        team: None,
        created_at: Timestamp::default(),
        deleted_at: None,
    });
    let organization = Organization {
        id: id(1),
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        settings: Settings::default(),
        next_sequence: 1,
        created_at: Timestamp::default(),
    };
    Ok(Snapshot::new(organization, catalog))
}

fn id<K>(number: u8) -> Id<K> {
    IdSource::new([number; 16]).next(Timestamp::default())
}

fn counted(report: Report) -> anyhow::Result<Decision> {
    let mut ledger = Ledger::new()?;
    let envelope = ledger.envelope(report);
    Ok(the_counted_part(|| decide(&mut ledger.snapshot, envelope)))
}

fn decide_one(report: Report) -> anyhow::Result<()> {
    ensure!(matches!(counted(report)?, Ok(Outcome::Reported(_))), "it was refused");
    Ok(())
}

/// A version is one build product, so another commit is refused.
fn decide_a_refused_build() -> anyhow::Result<()> {
    let mut report = build(7, 1)?;
    Arc::make_mut(&mut report.facts).commit_sha = Some(CommitSha::parse("cafe1234")?);
    ensure!(counted(report)?.is_err(), "it was taken in");
    Ok(())
}

fn decide_a_group() -> anyhow::Result<()> {
    let mut ledger = Ledger::new()?;
    let mut group = Vec::new();
    for application in 0..16 {
        for status in [Started, Completed] {
            let report = deployment(application, PRODUCTION, 2, status)?;
            group.push(ledger.envelope(report));
        }
    }
    let snapshot = &mut ledger.snapshot;
    let refused = the_counted_part(|| {
        group.into_iter().filter_map(|envelope| decide(snapshot, envelope).err()).count()
    });
    ensure!(refused == 0, "{refused} were refused");
    Ok(())
}
