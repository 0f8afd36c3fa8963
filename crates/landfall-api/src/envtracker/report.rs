//! What both ways to notify of a deployment say, and what becomes of it.

use axum::response::Response;
use landfall_domain::facts::Facts;
use landfall_domain::identity::RunKey;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::status::Status;
use landfall_domain::text::{ApplicationName, EnvironmentCode, ProjectName, Text, VersionName};
use landfall_domain::time::Timestamp;
use landfall_engine::EngineError;

use super::error::Failure;
use super::signed::Signed;
use super::{DIALECT, answer};
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The names that lead to a deployment.
pub(super) struct Names {
    pub project: ProjectName,
    pub application: ApplicationName,
    pub environment: EnvironmentCode,
}

/// What is told about the deployment.
pub(super) struct Told {
    pub pipeline: Option<u64>,
    pub status: Status,
    pub branch: Option<Text<255>>,
    pub deployed_at: Option<Timestamp>,
}

/// Envtracker knows no versions, so the branch and the number of the pipeline stand for one.
fn version(pipeline: Option<&str>, branch: Option<&Text<255>>) -> Result<VersionName, Rejection> {
    let name = match (branch, pipeline) {
        (Some(branch), Some(pipeline)) => format!("{branch}#{pipeline}"),
        (Some(branch), None) => branch.to_string(),
        (None, Some(pipeline)) => pipeline.to_owned(),
        (None, None) => {
            let reason = "is required where there is no branch: one of them must tell the version";
            return Err(Rejection::field("pipeline", reason));
        }
    };
    VersionName::parse(&name).map_err(|why| Rejection::field("branch", why))
}

/// Puts names and what is told together.
pub(super) fn report(names: Names, told: Told) -> Result<Report, Rejection> {
    let Names { project, application, environment } = names;
    let Told { pipeline, status, branch, deployed_at } = told;
    let pipeline = pipeline.map(|number| number.to_string());
    Ok(Report {
        subject: Subject::Deployment { environment, target: None },
        project: ProjectChoice::Existing(project),
        application,
        version: version(pipeline.as_deref(), branch.as_ref())?,
        status,
        key: RunKey { source_id: None, invoke_id: pipeline.clone() },
        told_at: deployed_at,
        facts: Facts {
            branch: branch.map(Text::into_string),
            build_number: pipeline,
            ..Facts::default()
        }
        .into(),
    })
}

/// Hands a report to the engine, once for each signature and place; one that is refused is kept.
pub(super) async fn hand_in(
    api: &Api,
    signed: &Signed,
    read: Result<(Report, String), Failure>,
) -> Result<Response, Failure> {
    let incoming = &signed.incoming;
    let (report, place) = match read {
        Ok(read) => read,
        Err(why) => {
            keep_unread(api, signed, &why).await;
            return Err(why);
        }
    };
    let once = Some(signed.once(&place));
    let reported = api.engine.report(&incoming.caller, report, once, incoming.raw(DIALECT)).await?;
    Ok(answer::deployment(&reported))
}

/// Keeps a request that no report could be made of. Its place does not count, as no signature covers
/// the one of the legacy URL. That it can't be kept is logged only.
async fn keep_unread(api: &Api, signed: &Signed, why: &Failure) {
    let Signed { incoming, signature, .. } = signed;
    let (words, raw) = ((why.code(), &*why.to_string()), incoming.raw(DIALECT));
    let kept = api.engine.keep_refused_once(&incoming.caller, signature, words, raw).await;
    if let Err(error @ EngineError::Unavailable(_)) = kept {
        Rejection::from(error).log();
    }
}
