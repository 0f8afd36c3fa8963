//! Who sends a request, and what its path names.
//!
//! The caller is checked first, then the organization, then the webhook, and only then a body.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_engine::{Armed, Caller, EngineError};
use serde::Deserialize;
use uuid::Uuid;

use super::is_shown;
use crate::shared::api::Api;
use crate::shared::credentials;

/// Qovery's command line chooses between them by what the key looks like.
const SCHEMES: [&str; 2] = ["Token", "Bearer"];

/// What a path names.
#[derive(Deserialize)]
struct Words {
    organization: String,
    #[serde(default)]
    webhook: Option<String>,
}

/// The caller, if they may do what needs `scope`.
pub(super) async fn caller_of(
    api: &Api,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Caller, EngineError> {
    let caller = credentials::caller(api, headers, &SCHEMES).await?;
    caller.require(scope)?;
    Ok(caller)
}

/// The same within the organization that the path names, which must be the caller's own.
pub(super) async fn enter(
    api: &Api,
    parts: &mut Parts,
    scope: Scope,
) -> Result<Caller, EngineError> {
    let caller = caller_of(api, &parts.headers, scope).await?;
    require_own(&caller, &words_of(parts).await?)?;
    Ok(caller)
}

/// The same with the webhook that the path names, if this API shows it.
pub(super) async fn enter_webhook(
    api: &Api,
    parts: &mut Parts,
    scope: Scope,
) -> Result<(Caller, Arc<Armed>), EngineError> {
    let caller = caller_of(api, &parts.headers, scope).await?;
    let words = words_of(parts).await?;
    require_own(&caller, &words)?;
    let word = words.webhook.unwrap_or_default();
    let missing = || EngineError::from(Refusal::not_found("webhook", &word));
    let id = Uuid::parse_str(&word).map_err(|_| missing())?;
    let found = api.engine.find_webhook(&caller, WebhookId::from_uuid(id))?;
    let is_ours = found.webhook.config.vendor.as_ref().is_some_and(is_shown);
    if is_ours { Ok((caller, found)) } else { Err(missing()) }
}

/// A path that is not UTF-8 names nothing.
async fn words_of(parts: &mut Parts) -> Result<Words, Refusal> {
    let path = Path::<Words>::from_request_parts(parts, &()).await;
    path.map(|Path(words)| words).map_err(|_| Refusal::not_found("path", parts.uri.path()))
}

fn require_own(caller: &Caller, words: &Words) -> Result<(), Refusal> {
    if Uuid::parse_str(&words.organization) == Ok(caller.organization.uuid()) {
        return Ok(());
    }
    Err(Refusal::not_found("organization", &words.organization))
}
