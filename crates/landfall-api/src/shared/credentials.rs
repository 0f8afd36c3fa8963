//! Finding the API key in a request.

use axum::http::{HeaderMap, header};
use landfall_engine::{Caller, EngineError};

use super::api::Api;

/// The credential of an `Authorization` header with one of these schemes, in any case.
pub fn authorization<'a>(headers: &'a HeaderMap, schemes: &[&str]) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.trim().split_once(' ')?;
    let is_known = schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then(|| credential.trim())
}

/// The caller of a request that carries `Authorization: Bearer <API key>`.
pub async fn bearer(api: &Api, headers: &HeaderMap) -> Result<Caller, EngineError> {
    caller(api, headers, &["Bearer"]).await
}

/// The caller of a request whose `Authorization` carries an API key after one of these schemes.
pub async fn caller(
    api: &Api,
    headers: &HeaderMap,
    schemes: &[&str],
) -> Result<Caller, EngineError> {
    let key = authorization(headers, schemes).ok_or(EngineError::Unauthenticated)?;
    api.engine.authenticate(key).await
}
