//! `PUT /webhook/create-environment`.

use axum::extract::Request;
use axum::response::Response;
use landfall_domain::command::{Command, NewEnvironment};
use landfall_domain::outcome::Outcome;
use landfall_domain::text::{EnvironmentCode, Text};
use serde::Deserialize;

use super::answer;
use super::error::Failure;
use super::fields::TypeWord;
use super::signed::take_in;
use crate::shared::api::Api;
use crate::shared::fields::optional;
use crate::shared::url::HttpUrl;

/// Envtracker, "Request body (create environment)".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Text<255>,
    code: EnvironmentCode,
    team_code: Text<100>,
    #[serde(default, deserialize_with = "optional")]
    url: Option<HttpUrl>,
    #[serde(default)]
    position: Option<i64>,
    #[serde(rename = "type")]
    kind: TypeWord,
}

/// Takes in an environment to be made.
pub(super) async fn take(api: &Api, request: Request) -> Result<Response, Failure> {
    let signed = take_in(api, request).await?;
    let Body { name, code, team_code, url, position, kind } = signed.json()?;
    let new = NewEnvironment {
        code,
        name: Some(name.into_string()),
        kind: Some(kind.0),
        team: Some(team_code.into_string()),
        url: url.map(HttpUrl::into_string),
        position,
    };
    let once = signed.once("PUT /webhook/create-environment");
    let command = Command::CreateEnvironment(new);
    match api.engine.manage_once(&signed.incoming.caller, command, once).await? {
        Outcome::Environment(made) => Ok(answer::environment(&made)),
        other => unreachable!("an environment's command was answered with {other:?}"),
    }
}
