//! The data that benchmarks begin with: made once by a process of its own, copied for each.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use landfall_domain::command::{Command, NewProject, NewTeam};
use landfall_domain::id::OrganizationId;
use landfall_domain::report::Report;
use landfall_domain::status::Status;
use landfall_domain::text::ProjectName;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Config;
use landfall_domain::webhook::filter::Filters;
use landfall_engine::egress::{Egress, EgressOptions};
use landfall_engine::ledger::RawRequest;
use landfall_engine::seal::{MasterKey, Sealer};
use landfall_engine::webhooks::NewWebhook;
use landfall_engine::{Ambient, Caller, Engine, Options, Outbound};
use landfall_store::Store;
use landfall_store::rows::organization;
use tokio::runtime::{Builder, Runtime};

use crate::benchmarks::reports;

/// Applications, each of them in every environment.
pub(crate) const APPLICATIONS: usize = 200;
/// Where they run.
pub(crate) const ENVIRONMENTS: [&str; 4] = ["development", "testing", "staging", "production"];
/// Webhooks that want an application of their own each.
pub(crate) const WEBHOOKS: usize = 10_000;

/// The project of Envtracker's documents.
pub(crate) const PROJECT: &str = "my-project";
/// Where a data directory lies for its benchmark.
pub(crate) const DIRECTORY: &str = "data";
const KEY: &str = "key";
const SIGNING_KEY: &str = "signing-key";

/// What a benchmark begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Data {
    /// Nothing.
    None,
    /// An organization with a history.
    Company,
    /// An organization with many webhooks.
    Webhooks,
}

impl Data {
    /// The folder that it is prepared in.
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Company => "company",
            Self::Webhooks => "webhooks",
        }
    }
}

/// Gives a benchmark its own copy of prepared data.
pub(crate) fn copy(prepared: &Path, directory: &Path) -> anyhow::Result<()> {
    let to = directory.join(DIRECTORY);
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(prepared)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Makes some data in a new directory.
pub(crate) fn prepare(data: Data, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)?;
    let opened = Opened::of(directory, hours_after_noon(0))?;
    match data {
        Data::None => {}
        Data::Company => opened.runtime.block_on(opened.make_history())?,
        Data::Webhooks => opened.runtime.block_on(opened.make_webhooks())?,
    }
    opened.close(directory)
}

/// A clock that stands still so many hours after the data was made.
fn hours_after_noon(hours: i64) -> Timestamp {
    const NOON: i64 = 1_772_366_400_000_000;
    Timestamp::from_micros(NOON + hours * 3_600_000_000)
}

/// An open data directory.
pub(crate) struct Opened {
    /// One thread for tasks and one for what blocks, so that everything has its turn.
    pub(crate) runtime: Runtime,
    pub(crate) engine: Engine,
    pub(crate) ambient: Ambient,
    pub(crate) key: String,
    pub(crate) caller: Caller,
}

impl Opened {
    /// The data of a benchmark, an hour after it was made.
    pub(crate) fn here() -> anyhow::Result<Self> {
        Self::of(Path::new(DIRECTORY), hours_after_noon(1))
    }

    fn of(directory: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let ambient = Ambient::manual(now);
        let engine = engine(Store::open(directory)?, ambient.clone())?;
        let made = runtime.block_on(engine.ensure_first_organization())?;
        let key = match made {
            Some(made) => made.text,
            None => std::fs::read_to_string(directory.join(KEY)).context("the key is gone")?,
        };
        let caller = runtime.block_on(engine.authenticate(&key))?;
        Ok(Self { runtime, engine, ambient, key, caller })
    }

    /// Writes all that is to be written, and the key.
    fn close(self, directory: &Path) -> anyhow::Result<()> {
        std::fs::write(directory.join(KEY), &self.key)?;
        let made = self.runtime.block_on(self.engine.create_signing_key(
            &self.caller,
            "ci".to_owned(),
            false,
        ))?;
        let signing_key = format!("{}\n{}", made.key.key_id, made.secret);
        std::fs::write(directory.join(SIGNING_KEY), signing_key)?;
        self.engine.begin_close();
        self.engine.close();
        Ok(())
    }

    /// The id of the signing key, and its secret.
    pub(crate) fn signing_key() -> anyhow::Result<(String, String)> {
        let text = std::fs::read_to_string(Path::new(DIRECTORY).join(SIGNING_KEY))?;
        let (id, secret) = text.split_once('\n').context("the signing key is cut")?;
        Ok((id.to_owned(), secret.to_owned()))
    }

    async fn make_history(&self) -> anyhow::Result<()> {
        let project =
            NewProject { name: ProjectName::parse(PROJECT)?, description: None, team: None };
        self.engine.manage(&self.caller, Command::CreateProject(project)).await?;
        let team = NewTeam { code: "engineering".to_owned(), name: None };
        self.engine.manage(&self.caller, Command::CreateTeam(team)).await?;
        for application in 0..APPLICATIONS {
            self.report(reports::build(application, 1)).await?;
            for environment in ENVIRONMENTS {
                for status in [Status::Started, Status::Completed] {
                    self.report(reports::deployment(application, environment, 1, status)).await?;
                }
            }
        }
        Ok(())
    }

    async fn report(&self, report: anyhow::Result<Report>) -> anyhow::Result<()> {
        let raw = RawRequest { dialect: "native", request: "", body: b"" };
        self.engine.report(&self.caller, report?, None, raw).await?;
        Ok(())
    }

    async fn make_webhooks(&self) -> anyhow::Result<()> {
        for number in 0..WEBHOOKS {
            let application = reports::application(number).try_into()?;
            let mut config = Config::named(format!("webhook {number}"));
            config.filters = Filters { applications: vec![application], ..Filters::default() };
            let new = NewWebhook {
                config,
                url: "http://127.0.0.1:9/".to_owned(),
                headers: std::collections::BTreeMap::new(),
                secret: None,
                vendor_secret: None,
                is_enabled: true,
            };
            self.engine.create_webhook(&self.caller, new).await?;
        }
        Ok(())
    }
}

/// A runtime whose threads take turns.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().max_blocking_threads(1).build()?)
}

/// An engine that reaches nothing but this machine.
fn engine(store: Store, ambient: Ambient) -> anyhow::Result<Engine> {
    let allow = "127.0.0.0/8".parse().map_err(|_| anyhow::anyhow!("the network is malformed"))?;
    let egress = Egress::new(EgressOptions { allow, ..EgressOptions::default() })?;
    let sealer = Sealer::new(MasterKey::from_bytes([7; 32]), Vec::new());
    Ok(Engine::new(store, ambient, Options::default(), Outbound { egress, sealer }))
}

/// The one organization of an open store.
pub(crate) fn organization(runtime: &Runtime, store: &Store) -> anyhow::Result<OrganizationId> {
    let all = runtime.block_on(store.reader.read(organization::all))?;
    Ok(all.first().context("there is no organization")?.id)
}
