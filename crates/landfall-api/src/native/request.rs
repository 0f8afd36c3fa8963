//! Reading a request: who sends it, the words of its path, its query and its body.

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use landfall_domain::refusal::Refusal;
use landfall_engine::Caller;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::Problem;
use crate::shared::api::Api;
use crate::shared::body::take_in;
use crate::shared::credentials::bearer;
use crate::shared::json;
use crate::shared::rejection::Rejection;

/// The caller of a request without a body.
pub(super) struct By(pub Caller);

impl FromRequestParts<Api> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Ok(Self(bearer(api, &parts.headers).await?))
    }
}

/// The one word that a path names something by.
pub(super) struct Word(pub String);

impl Word {
    /// The word as an id; a word that is none names nothing.
    pub(super) fn id(&self, noun: &str) -> Result<Uuid, Refusal> {
        Uuid::parse_str(&self.0).map_err(|_| Refusal::not_found(noun, &self.0))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Word {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(word) = path.map_err(|_| Rejection::field("path", "must be UTF-8"))?;
        Ok(Self(word))
    }
}

/// A query, whose parameters are all known.
pub(super) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(query(&parts.uri)?))
    }
}

/// Reads a query; an error names the parameter.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Rejection> {
    let read = Query::<T>::try_from_uri(uri);
    let Query(query) = read.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Rejection::field("query", format!("is wrong: {}", cause.unwrap_or_default()))
    })?;
    Ok(query)
}

/// A body that is no report, and who sends it.
pub(super) struct Sent<T> {
    /// Who sends it.
    pub caller: Caller,
    /// What it says.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<Api> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let incoming = take_in(api, request).await?;
        Ok(Self { body: json::parse(&incoming.body)?, caller: incoming.caller })
    }
}

/// Like [`Sent`], but the body may be left out.
pub(super) struct MaybeSent<T> {
    /// Who sends it.
    pub caller: Caller,
    /// What it says.
    pub body: T,
}

impl<T: DeserializeOwned + Default> FromRequest<Api> for MaybeSent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let incoming = take_in(api, request).await?;
        let is_empty = incoming.body.iter().all(u8::is_ascii_whitespace);
        let body = if is_empty { T::default() } else { json::parse(&incoming.body)? };
        Ok(Self { body, caller: incoming.caller })
    }
}
