//! Writing the story into a store, as if every report had arrived at its moment.
//!
//! The clock is set to each happening before it is sent, so nothing looks like a backfill.

use std::collections::HashMap;
use std::future::poll_fn;
use std::task::Poll;

use anyhow::{Context, bail};
use landfall_domain::command::{
    Command, NewApplication, NewEnvironment, NewProject, NewTeam, OrganizationEdit,
};
use landfall_domain::id::DeploymentId;
use landfall_domain::outcome::{Reported, ReportedSubject};
use landfall_domain::report::Report;
use landfall_domain::time::Timestamp;
use landfall_engine::ledger::RawRequest;
use landfall_engine::{Ambient, Caller, Engine, EngineError, Options};
use landfall_store::Store;

use super::calendar::{day_of, minutes};
use super::company::{APPLICATIONS, DOMAIN, ENVIRONMENTS, Environment, NAME, PROJECTS, TEAMS};
use super::happening::{Deed, Happening, repository, text};
use super::receiver::Receiver;
use super::sending::Sending;
use super::story;
use crate::serve;
use crate::settings::Settings;

/// Reports that are sent together; fewer than the ledger commits in one group.
const BATCH_MAX: usize = 400;
/// Once there are webhooks they send after so many minutes of the story.
const SENDING_MINUTES: u64 = 30;

/// Fills an empty data directory with the story that ends at `now`.
pub(super) async fn fill(
    settings: &Settings,
    receiver: &Receiver,
    (key, now): (&str, Timestamp),
) -> anyhow::Result<()> {
    let directory = &settings.data;
    let store = Store::open(directory)
        .with_context(|| format!("can't open the data in `{}`", directory.display()))?;
    let outbound = serve::outbound(settings, &Ambient::system())?;
    let ambient = Ambient::manual(story::begin(now));
    let engine = Engine::new(store, ambient, Options::default(), outbound);
    engine.preset_admin_key(key).await?;
    let caller = engine.authenticate(key).await?;
    found(&engine, &caller).await?;
    let sending = Sending::start(&engine, &caller, receiver).await?;
    let by_source = HashMap::new();
    let mut writing = Writing { engine: &engine, caller: &caller, sending, by_source };
    writing.write(story::tell(now, story::SEED)).await?;
    engine.ambient().set(now);
    writing.sending.settle().await?;
    writing.sending.end().await;
    engine.close();
    Ok(())
}

/// Makes the nouns that the story is about.
async fn found(engine: &Engine, caller: &Caller) -> Result<(), EngineError> {
    let name = Some(NAME.to_owned());
    let named = OrganizationEdit { name, ..OrganizationEdit::default() };
    engine.administer(caller, Command::EditOrganization(named)).await?;
    for team in TEAMS {
        let (code, name) = (team.code.to_owned(), Some(team.name.to_owned()));
        engine.manage(caller, Command::CreateTeam(NewTeam { code, name })).await?;
    }
    for project in PROJECTS {
        let new = NewProject {
            name: text(project.name),
            description: Some(project.description.to_owned()),
            team: Some(project.team.to_owned()),
        };
        engine.manage(caller, Command::CreateProject(new)).await?;
    }
    for application in &APPLICATIONS {
        let new = NewApplication {
            project: Some(text(application.project.name)),
            name: text(application.name),
            description: Some(application.description.to_owned()),
            repository: Some(repository(application)),
            team: Some(application.team.code.to_owned()),
        };
        engine.manage(caller, Command::CreateApplication(new)).await?;
    }
    for environment in &ENVIRONMENTS {
        create(engine, caller, environment).await?;
    }
    Ok(())
}

async fn create(
    engine: &Engine,
    caller: &Caller,
    environment: &Environment,
) -> Result<(), EngineError> {
    let Environment { code, name, kind, host, position } = environment;
    let new = NewEnvironment {
        code: text(code),
        name: Some((*name).to_owned()),
        kind: Some(*kind),
        team: None,
        url: Some(format!("https://{host}.{DOMAIN}")),
        position: Some(*position),
    };
    engine.manage(caller, Command::CreateEnvironment(new)).await.map(|_| ())
}

struct Writing<'a> {
    engine: &'a Engine,
    caller: &'a Caller,
    sending: Sending<'a>,
    /// Deployments whose source system gave them an id.
    by_source: HashMap<String, DeploymentId>,
}

impl Writing<'_> {
    /// Writes everything in order: a day's reports together, or as many as webhooks send at once;
    /// all else alone.
    async fn write(&mut self, story: Vec<Happening>) -> anyhow::Result<()> {
        let mut batch: Vec<(Timestamp, Report)> = Vec::new();
        for Happening { at, deed } in story {
            let is_report = matches!(deed, Deed::Report(_));
            if !is_report || batch.len() == BATCH_MAX || self.is_over(&batch, at)? {
                self.send(std::mem::take(&mut batch)).await?;
            }
            match deed {
                Deed::Report(report) => batch.push((at, *report)),
                other => self.act(at, other).await?,
            }
        }
        self.send(batch).await
    }

    /// Whether what happens at a moment belongs to another batch.
    fn is_over(&self, batch: &[(Timestamp, Report)], at: Timestamp) -> Result<bool, EngineError> {
        let Some((first, _)) = batch.first() else { return Ok(false) };
        let is_later = at.since(*first) > minutes(SENDING_MINUTES);
        Ok(day_of(*first) != day_of(at) || (is_later && self.sending.is_connected()?))
    }

    /// Sends reports in order and at their moments, but waits for them together, so that they are
    /// committed in groups.
    async fn send(&mut self, batch: Vec<(Timestamp, Report)>) -> anyhow::Result<()> {
        let request = RawRequest { dialect: "native", request: "landfall demo", body: b"" };
        let mut waiting = Vec::with_capacity(batch.len());
        for (at, report) in batch {
            self.engine.ambient().set(at);
            let mut answer = Box::pin(self.engine.report(self.caller, report, None, request));
            // Polled once, a report has looked at the clock and taken its place in the queue.
            let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
            waiting.push((answer, first));
        }
        for (answer, first) in waiting {
            let reported = match first {
                Poll::Ready(outcome) => outcome?,
                Poll::Pending => answer.await?,
            };
            self.remember(reported);
        }
        Ok(self.sending.settle().await?)
    }

    fn remember(&mut self, reported: Reported) {
        if let ReportedSubject::Deployment(view) = reported.subject
            && let Some(source_id) = view.run.source_id.clone()
        {
            self.by_source.insert(source_id, DeploymentId::from_uuid(view.run.id));
        }
    }

    /// Does what is no report that is taken in.
    async fn act(&mut self, at: Timestamp, deed: Deed) -> anyhow::Result<()> {
        self.engine.ambient().set(at);
        match deed {
            Deed::Report(report) => self.send(vec![(at, *report)]).await?,
            Deed::Mistake(report, body) => self.be_refused(*report, &body).await?,
            Deed::Void { source_id, reason } => {
                let id = self.by_source.get(&source_id).copied();
                let id = id.context("the story voids what it has told")?;
                let reason = Some(reason.to_owned());
                let command = Command::VoidDeployment { id, reason };
                self.engine.manage(self.caller, command).await?;
            }
            Deed::Create(environment) => create(self.engine, self.caller, environment).await?,
            Deed::Slip { code, detail, body } => {
                let raw = raw("POST /deployment-events/", body);
                self.engine.keep_refused(self.caller, code, &detail, raw).await?;
            }
            Deed::Connect => self.sending.connect().await?,
            Deed::Pause => self.sending.pause().await?,
            Deed::Tidy => self.engine.tidy().await?,
        }
        Ok(())
    }

    async fn be_refused(&self, report: Report, body: &str) -> anyhow::Result<()> {
        let raw = raw("POST /build-events/", body);
        match self.engine.report(self.caller, report, None, raw).await {
            Err(EngineError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => bail!("the story's mistake was taken in"),
        }
    }
}

/// A request as Versioner's action sends it.
fn raw<'a>(request: &'a str, body: &'a str) -> RawRequest<'a> {
    RawRequest { dialect: "versioner", request, body: body.as_bytes() }
}
