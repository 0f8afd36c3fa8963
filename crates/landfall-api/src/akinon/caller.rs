//! Who asks. Akinon documents two ways to say so: a bearer token, or a user's access token in a
//! header of its own. Either is an API key here.

use axum::http::request::Parts;
use landfall_domain::access::Scope;
use landfall_engine::{Caller, EngineError};

use super::error::Failure;
use crate::shared::api::Api;
use crate::shared::credentials::authorization;

/// The caller of a request, who may do what its method does.
///
/// This is asked before anything about the path is told.
pub(super) async fn require_caller(api: &Api, parts: &Parts) -> Result<Caller, Failure> {
    let key = key_of(parts).ok_or(EngineError::Unauthenticated)?;
    let caller = api.engine.authenticate(key).await?;
    caller.require(if parts.method.is_safe() { Scope::Read } else { Scope::Manage })?;
    Ok(caller)
}

fn key_of(parts: &Parts) -> Option<&str> {
    let bearer = authorization(&parts.headers, &["Bearer"]);
    bearer.or_else(|| Some(parts.headers.get("x-access-token")?.to_str().ok()?.trim()))
}
