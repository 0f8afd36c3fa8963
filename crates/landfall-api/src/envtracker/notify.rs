//! `PUT /webhook/notify`: a deployment, in one body.

use axum::extract::Request;
use axum::response::Response;
use landfall_domain::report::Report;
use landfall_domain::text::{ApplicationName, EnvironmentCode, ProjectName, Text};
use landfall_domain::time::Timestamp;
use serde::Deserialize;

use super::error::Failure;
use super::fields::{StatusWord, pipeline};
use super::report::{Names, Told, hand_in, report};
use super::signed::{Signed, take_in};
use crate::shared::api::Api;
use crate::shared::fields::optional;
use crate::shared::rejection::Rejection;

/// Envtracker, "Request body (notify deployment)". The document does not say which fields are
/// required: here it is those without which there is nothing to record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    project_code: ProjectName,
    env_code: EnvironmentCode,
    repo_code: ApplicationName,
    #[serde(default, deserialize_with = "pipeline")]
    pipeline: Option<u64>,
    status: StatusWord,
    #[serde(default, deserialize_with = "optional")]
    branch: Option<Text<255>>,
    #[serde(default, deserialize_with = "optional")]
    deploy_date: Option<Timestamp>,
}

/// Takes in a notification.
pub(super) async fn take(api: &Api, request: Request) -> Result<Response, Failure> {
    let signed = take_in(api, request).await?;
    let read = read(&signed).map(|report| (report, "PUT /webhook/notify".to_owned()));
    hand_in(api, &signed, read).await
}

fn read(signed: &Signed) -> Result<Report, Failure> {
    Ok(understand(signed.json()?)?)
}

/// What reads a body, for fuzzing.
#[cfg(fuzzing)]
pub(super) fn parse(body: &[u8]) -> Result<Report, Rejection> {
    understand(crate::shared::json::parse(body)?)
}

fn understand(body: Body) -> Result<Report, Rejection> {
    let Body { project_code, env_code, repo_code, pipeline, status, branch, deploy_date } = body;
    let names = Names { project: project_code, application: repo_code, environment: env_code };
    let told = Told { pipeline, status: status.0, branch, deployed_at: deploy_date };
    report(names, told)
}
