//! Work that nobody asks for: forgetting what is old, archiving quiet previews, noting key use.
//!
//! Each piece is idempotent and takes no input, so running it twice does no harm, not even on two nodes
//! at once: they lock rows in one order.

use std::time::{Duration, Instant};

use landfall_domain::catalog::Organization;
use landfall_domain::command::Command;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{EnvironmentId, OrganizationId};
use landfall_domain::time::Timestamp;
use landfall_store::queries::status;
use landfall_store::rows::{
    api_key, catalog, delivery, event, organization, refused, session, signing_key, webhook_job,
};
use landfall_store::{StoreError, idempotency};

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tasks::Tasks;

/// How often key use is noted.
const NOTE_KEYS_EVERY: Duration = Duration::from_mins(1);
/// How often the rest runs.
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// Events, or rows of a table, that one transaction removes; more would make reports wait.
const PRUNED_AT_ONCE: u64 = 500;
/// How many times as long as such a transaction took the next one waits: a backlog of millions must
/// leave the writer, and the disk, to reports.
const PAUSE_PER_TIME_TAKEN: u32 = 4;

#[derive(Clone, Copy)]
enum Chore {
    NoteKeys,
    Tidy,
}

impl Chore {
    const fn period(self) -> Duration {
        match self {
            Self::NoteKeys => NOTE_KEYS_EVERY,
            Self::Tidy => TIDY_EVERY,
        }
    }
}

impl Engine {
    /// Starts the upkeep of this server.
    pub fn start_upkeep(&self, tasks: &Tasks) {
        for chore in [Chore::NoteKeys, Chore::Tidy] {
            let (engine, stopping) = (self.clone(), tasks.stopping());
            tasks.spawn(async move {
                stopping.run_until_cancelled(engine.repeat(chore)).await;
                log_failure("noting key use", engine.note_key_use().await);
            });
        }
    }

    async fn repeat(&self, chore: Chore) {
        let mut ticks = tokio::time::interval(chore.period());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match chore {
                Chore::NoteKeys => log_failure("noting key use", self.note_key_use().await),
                Chore::Tidy => log_failure("tidying", self.tidy().await),
            }
        }
    }

    /// Notes when each key was last used.
    pub async fn note_key_use(&self) -> Result<(), EngineError> {
        let used = self.shared.keys.take_used();
        let signed = self.shared.signing_keys.take_used();
        if used.is_empty() && signed.is_empty() {
            return Ok(());
        }
        let note = move |db: &mut landfall_store::Connection| {
            api_key::note_used(db, &used)?;
            signing_key::note_used(db, &signed)
        };
        self.write(note).await
    }

    /// Forgets what is older than its retention, and archives quiet previews.
    pub async fn tidy(&self) -> Result<(), EngineError> {
        self.shared.rate.forget_idle();
        self.prune_sessions().await?;
        for found in self.shared.store.reader.read(organization::all).await? {
            self.prune_events(found.id).await?;
            self.prune_attempts(found.id).await?;
            self.prune_others(found.id).await?;
            self.archive_quiet_previews(&found).await?;
        }
        Ok(())
    }

    async fn prune_sessions(&self) -> Result<(), EngineError> {
        let now = self.ambient().now();
        self.write(move |db| session::prune(db, now)).await.map(|_| ())
    }

    async fn prune_events(&self, id: OrganizationId) -> Result<(), EngineError> {
        let before = self.ambient().now() - self.shared.options.events_kept_for;
        self.prune_by_and_by(move |db| event::prune(db, id, before, PRUNED_AT_ONCE)).await
    }

    async fn prune_attempts(&self, id: OrganizationId) -> Result<(), EngineError> {
        let before = self.ambient().now() - self.shared.options.attempts_kept_for;
        let count = i64::try_from(PRUNED_AT_ONCE).unwrap_or(i64::MAX);
        self.prune_by_and_by(move |db| delivery::prune(db, id, before, count)).await?;
        self.write(move |db| webhook_job::prune(db, id, before)).await.map(|_| ())
    }

    /// Removes a bit at a time until nothing is left to remove.
    async fn prune_by_and_by<F>(&self, prune: F) -> Result<(), EngineError>
    where
        F: Fn(&mut landfall_store::Connection) -> Result<u64, StoreError> + Copy + Send + 'static,
    {
        loop {
            let begun = Instant::now();
            if self.write(prune).await? == 0 {
                return Ok(());
            }
            tokio::time::sleep(begun.elapsed() * PAUSE_PER_TIME_TAKEN).await;
        }
    }

    async fn prune_others(&self, id: OrganizationId) -> Result<(), EngineError> {
        let now = self.ambient().now();
        let refused_before = now - self.shared.options.refused_kept_for;
        let prune = move |db: &mut landfall_store::Connection| -> Result<u64, StoreError> {
            Ok(refused::prune(db, id, refused_before)? + idempotency::prune(db, id, now)?)
        };
        self.write(prune).await.map(|_| ())
    }

    async fn archive_quiet_previews(&self, found: &Organization) -> Result<(), EngineError> {
        let days = found.settings.archive_previews_after_days;
        if days == 0 {
            return Ok(());
        }
        let quiet_since = self.ambient().now() - Duration::from_hours(u64::from(days) * 24);
        let id = found.id;
        let quiet = self.shared.store.reader.read(move |db| quiet_previews(db, id, quiet_since));
        for environment in quiet.await? {
            let command = Command::ArchiveEnvironment(environment);
            self.decide(&Caller::system(id), command, None).await?;
        }
        Ok(())
    }
}

/// Preview environments that nothing was reported to since a time.
fn quiet_previews(
    db: &mut landfall_store::Connection,
    organization: OrganizationId,
    since: Timestamp,
) -> Result<Vec<EnvironmentId>, StoreError> {
    let last_reports = status::last_reports(db, organization)?;
    let last_report = |id| last_reports.iter().find(|(other, _)| *other == id).map(|(_, at)| *at);
    let catalog = catalog::load(db, organization)?;
    let quiet = catalog.environments.values().filter(|found| {
        found.kind == EnvironmentType::Preview
            && found.archived_at.is_none()
            && found.deleted_at.is_none()
            && last_report(found.id).unwrap_or(found.created_at) < since
    });
    Ok(quiet.map(|found| found.id).collect())
}

fn log_failure(what: &str, outcome: Result<(), EngineError>) {
    if let Err(error) = outcome {
        tracing::warn!(error = &error as &dyn std::error::Error, "{what} failed; will try again");
    }
}
