//! `landfall report`: tells the server of a build or a deployment.
//!
//! It runs at the end of pipelines: it finds its values by itself, repeats itself harmlessly, and
//! can be told never to break anything.

mod arguments;
mod draft;
mod missing;
mod outcome;
#[cfg(test)]
mod tests;

use std::time::Duration;

use hyper::Method;

pub(crate) use self::arguments::ReportCommand;
use self::arguments::{BuildArguments, DeploymentArguments, Flags, Sending};
use self::draft::{Draft, Place};
use super::api::{Api, parse};
use super::client::{Call, Client};
use super::connection::{find_address, find_connection};
use super::detect::{GitFacts, detect, read_git};
use super::failure::Failure;
use super::path::Path;
use super::session::Session;

/// Which of the two is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Build,
    Deployment,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Build => "/builds",
            Self::Deployment => "/deployments",
        }
    }
}

/// Reports, unless it is a dry run.
pub(crate) async fn run(command: ReportCommand, session: &Session) -> Result<(), Failure> {
    let git = tokio::task::spawn_blocking(read_git).await.unwrap_or_default();
    let (kind, draft, sending) = match command {
        ReportCommand::Deployment(arguments) => {
            let DeploymentArguments { environment, target, flags, sending } = *arguments;
            let place = Place { environment: environment.as_ref(), target: target.as_ref() };
            (Kind::Deployment, draft(place, &flags, &git, session), sending)
        }
        ReportCommand::Build(arguments) => {
            let BuildArguments { flags, sending } = *arguments;
            let nowhere = Place { environment: None, target: None };
            (Kind::Build, draft(nowhere, &flags, &git, session), sending)
        }
    };
    let outcome = report(kind, &draft, &sending, session).await;
    match outcome {
        Err(failure) if !sending.fail_on_error => {
            session.output.note(&format!("landfall: warning: not reported: {failure}"));
            Ok(())
        }
        outcome => outcome,
    }
}

fn draft(place: Place<'_>, flags: &Flags, git: &GitFacts, session: &Session) -> Draft {
    let detected = detect(&session.variables, git, draft::told(flags));
    Draft::merge(place, flags, &detected)
}

async fn report(
    kind: Kind,
    draft: &Draft,
    sending: &Sending,
    session: &Session,
) -> Result<(), Failure> {
    if sending.dry_run {
        let address = find_address(&sending.server, &session.variables)?;
        session.output.text(&outcome::rehearsal(kind, address.as_ref(), draft))?;
    }
    missing::check(draft, kind == Kind::Deployment, &session.variables)?;
    if sending.dry_run {
        return Ok(());
    }
    let connection = find_connection(&sending.server, &session.variables)?;
    let client = Client::new(connection, Duration::from_secs(u64::from(sending.timeout)));
    let call = Call {
        method: Method::POST,
        path: Path::new(kind.path()),
        body: Some(draft.body().to_string().into()),
        idempotency_key: Some(session.idempotency_key()),
    };
    let answer = Api::new(client, session).insist(&call).await?;
    if sending.json {
        return session.output.verbatim(&answer);
    }
    session.output.text(&outcome::told(&parse(&answer)?))
}
