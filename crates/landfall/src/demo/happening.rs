//! What can happen in the story, and reports as the company's CI systems send them.

use landfall_domain::facts::{Commit, Facts};
use landfall_domain::identity::RunKey;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::sha::CommitSha;
use landfall_domain::status::Status;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;

use super::company::{Application, DOMAIN, Environment, Person};

/// Something that happens at a moment.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub at: Timestamp,
    pub deed: Deed,
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// CI reports something.
    Report(Box<Report>),
    /// CI reports what the ledger will refuse; with the body that it sends.
    Mistake(Box<Report>, String),
    /// The deployment that its source system calls so is declared void.
    Void { source_id: String, reason: &'static str },
    /// Somebody makes an environment.
    Create(&'static Environment),
    /// CI sends what can't be read: the reason's code and words, and the body.
    Slip { code: &'static str, detail: String, body: &'static str },
    /// Somebody makes the webhooks.
    Connect,
    /// Somebody pauses one of them.
    Pause,
    /// Landfall archives previews that nobody uses any more.
    Tidy,
}

/// A version that was built, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Release {
    /// Later versions have higher numbers.
    pub number: u64,
    pub version: String,
    pub branch: String,
    pub sha: CommitSha,
    pub commits: Vec<Commit>,
    pub author: &'static Person,
    /// The CI run that built it.
    pub invoke_id: String,
}

impl Release {
    /// The subject of its newest commit.
    pub(super) fn subject(&self) -> &str {
        self.commits.first().and_then(|commit| commit.message.as_deref()).unwrap_or_default()
    }
}

/// One build or deployment, as CI knows it from its start on.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub application: &'static Application,
    pub subject: Subject,
    pub release: Release,
    pub invoke_id: String,
    pub actor: &'static Person,
    pub description: Option<String>,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Completed,
    /// With code and message.
    Failed(&'static str, &'static str),
    Aborted,
}

impl Job {
    /// What is reported when it begins or waits.
    pub(super) fn begin(&self, status: Status) -> Report {
        let is_build = self.subject == Subject::Build;
        let release = &self.release;
        let facts = Facts {
            branch: Some(release.branch.clone()),
            repository: Some(repository(self.application)),
            build_number: Some(release.number.to_string()),
            actor: Some(self.actor.login.to_owned()),
            actor_name: Some(self.actor.name.to_owned()),
            actor_email: Some(format!("{}@{DOMAIN}", self.actor.login)),
            description: self.description.clone(),
            commits: if is_build { release.commits.clone() } else { Vec::new() },
            ..self.facts()
        };
        self.report(status, facts)
    }

    /// What is reported when it ends.
    pub(super) fn end(&self, end: End) -> Report {
        let (status, error) = match end {
            End::Completed => (Status::Completed, None),
            End::Failed(code, message) => (Status::Failed, Some((code, message))),
            End::Aborted => (Status::Aborted, None),
        };
        let facts = Facts {
            error_code: error.map(|(code, _)| code.to_owned()),
            error_message: error.map(|(_, message)| message.to_owned()),
            ..self.facts()
        };
        self.report(status, facts)
    }

    /// What every report of the job says.
    fn facts(&self) -> Facts {
        let Application { name, project, .. } = self.application;
        let run = &self.invoke_id;
        Facts {
            commit_sha: Some(self.release.sha.clone()),
            source_system: Some(project.source_system.to_owned()),
            url: Some(format!("https://ci.{DOMAIN}/{}/{name}/runs/{run}", project.name)),
            ..Facts::default()
        }
    }

    fn report(&self, status: Status, facts: Facts) -> Report {
        Report {
            subject: self.subject.clone(),
            project: ProjectChoice::Named(text(self.application.project.name)),
            application: text(self.application.name),
            version: text(&self.release.version),
            status,
            key: RunKey { source_id: None, invoke_id: Some(self.invoke_id.clone()) },
            told_at: None,
            facts: facts.into(),
        }
    }
}

/// A deployment's environment and target.
pub(super) fn into(environment: &str, target: &str) -> Subject {
    let target = (!target.is_empty()).then(|| text(target));
    Subject::Deployment { environment: text(environment), target }
}

/// Where an application's source is.
pub(super) fn repository(application: &Application) -> String {
    format!("https://git.{DOMAIN}/{}/{}", application.project.name, application.name)
}

/// Text that is ours, and therefore fits.
pub(super) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).expect("the story's names are short and plain")
}
