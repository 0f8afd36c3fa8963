//! The legacy `PUT /v1/company/:companyCode/project/:projectCode/applications/:appCode/env/:envCode`.
//!
//! Its names are in the path, which no signature covers: a request to it that is seen under way can
//! be sent again to other names until its time is over. A signing key can be kept from it. Requests
//! to the other URLs can not be sent here: their bodies give them away.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::{any, put};
use landfall_domain::report::Report;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::Caller;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tower_http::set_header::SetResponseHeaderLayer;

use super::error::{self, Failure, method_not_allowed};
use super::fields::{StatusWord, pipeline};
use super::report::{Names, Told, hand_in, report};
use super::signed::{Signed, take_in};
use crate::shared::api::Api;
use crate::shared::fields::optional;
use crate::shared::rejection::Rejection;

/// Everything below `/v1/company`.
pub(super) fn routes() -> Router<Api> {
    const PATH: &str =
        "/v1/company/{company}/project/{project}/applications/{application}/env/{environment}";
    let notify = put(notify_deployment).fallback(method_not_allowed);
    // The document says that it is deprecated and not since when, so there is no date to give.
    let deprecation = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("deprecation"),
        HeaderValue::from_static("true"),
    );
    let link = SetResponseHeaderLayer::overriding(
        header::LINK,
        HeaderValue::from_static("</webhook/notify>; rel=\"successor-version\""),
    );
    Router::new()
        .route(PATH, notify.clone())
        .route(&format!("{PATH}/"), notify)
        .route("/v1/company/{company}", any(unmatched))
        .route("/v1/company/{company}/{*rest}", any(unmatched))
        .layer(deprecation)
        .layer(link)
}

/// The four names of a path, or why they can't be read.
type Codes = Result<Path<[String; 4]>, PathRejection>;

/// Envtracker, "Notify deployment (legacy, deprecated)".
async fn notify_deployment(State(api): State<Api>, codes: Codes, request: Request) -> Response {
    let codes = codes.map(|Path(codes)| codes);
    let codes = codes.map_err(|_| Rejection::field("path", "must be UTF-8, percent-encoded"));
    super::render(take(&api, codes, request).await)
}

/// A path that ends before its environment, which the route above does not match, or another one.
async fn unmatched(State(api): State<Api>, request: Request) -> Response {
    let path = request.uri().path();
    let parts: Vec<&str> = path.trim_end_matches('/').rsplit('/').collect();
    if !matches!(parts[..], ["env", _, "applications", _, "project", ..]) {
        return error::render(&Failure::Path(path.to_owned()));
    }
    if request.method() != Method::PUT {
        return method_not_allowed().await;
    }
    let nowhere = Err(Rejection::field("envCode", "must not be empty"));
    super::render(take(&api, nowhere, request).await)
}

/// Envtracker, "Request body (legacy notify deployment)".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default, deserialize_with = "pipeline")]
    pipeline: Option<u64>,
    status: StatusWord,
    #[serde(default)]
    git_tracking: Option<GitTracking>,
    #[serde(default, deserialize_with = "optional")]
    deploy_date: Option<Timestamp>,
}

#[derive(Deserialize)]
struct GitTracking {
    #[serde(default, deserialize_with = "optional")]
    branch: Option<Text<255>>,
}

async fn take(
    api: &Api,
    codes: Result<[String; 4], Rejection>,
    request: Request,
) -> Result<Response, Failure> {
    let signed = take_in(api, request).await?;
    let read = read(&signed, codes);
    hand_in(api, &signed, read).await
}

/// The report, and the place that the request counts once at: its names, however they are written.
fn read(
    signed: &Signed,
    codes: Result<[String; 4], Rejection>,
) -> Result<(Report, String), Failure> {
    if !signed.allows_legacy {
        return Err(Failure::Legacy);
    }
    let [company, project, application, environment] = codes?;
    check_company(&signed.incoming.caller, &company)?;
    let names = Names {
        project: code("projectCode", &project)?,
        application: code("appCode", &application)?,
        environment: code("envCode", &environment)?,
    };
    let place = format!(
        "PUT /v1/company {:?}",
        [names.project.as_str(), names.application.as_str(), names.environment.as_str()]
    );
    let Body { pipeline, status, git_tracking, deploy_date } = signed.json()?;
    check_belongs_here(signed)?;
    let branch = git_tracking.and_then(|tracking| tracking.branch);
    let told = Told { pipeline, status: status.0, branch, deployed_at: deploy_date };
    Ok((report(names, told)?, place))
}

/// Fields that only bodies of other URLs have.
const FIELDS_ELSEWHERE: [&str; 5] = ["projectCode", "envCode", "repoCode", "apps", "teamCode"];

/// Refuses a body that was signed for another URL: one for `/webhook/notify` has all that is needed
/// here, so whoever saw it could send it here to whatever names they like.
fn check_belongs_here(signed: &Signed) -> Result<(), Rejection> {
    #[expect(clippy::zero_sized_map_values, reason = "an object can not be read into a set")]
    let fields: BTreeMap<String, IgnoredAny> = signed.json()?;
    let Some(name) = FIELDS_ELSEWHERE.into_iter().find(|name| fields.contains_key(*name)) else {
        return Ok(());
    };
    let reason = "can not be used here: this body belongs to /webhook/notify or another URL below \
                  /webhook; send it there, or leave the field out, since the path holds the names";
    Err(Rejection::field(name, reason))
}

/// The company is the organization of the key, by its slug or its id.
fn check_company(caller: &Caller, word: &str) -> Result<(), Failure> {
    let company: Text<100> = code("companyCode", word)?;
    let is_own = company.as_str() == caller.slug
        || company.as_str().eq_ignore_ascii_case(&caller.organization.to_string());
    if is_own { Ok(()) } else { Err(Failure::Company(company.into_string())) }
}

fn code<const MAX: usize>(name: &str, text: &str) -> Result<Text<MAX>, Rejection> {
    Text::parse(text).map_err(|why| Rejection::field(name, why))
}
