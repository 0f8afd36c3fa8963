//! Taking in a request: who sends it, then its body, bounded in length and time.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, header, request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use landfall_engine::ledger::Idempotency;
use landfall_engine::ledger::RawRequest;
use landfall_engine::{Caller, EngineError};
use sha2::{Digest, Sha256};

use super::api::{Api, Limits};
use super::credentials::bearer;
use super::rejection::Rejection;

/// A request whose sender is known and whose body has arrived.
pub struct Incoming {
    /// Who sends it.
    pub caller: Caller,
    /// Its method and path.
    pub request: String,
    /// Its body.
    pub body: Bytes,
    /// Its promise that retries under one key are one request.
    pub idempotency: Option<Idempotency>,
}

impl Incoming {
    /// How the request is shown if it is refused.
    pub fn raw(&self, dialect: &'static str) -> RawRequest<'_> {
        RawRequest { dialect, request: &self.request, body: &self.body }
    }
}

/// Takes in a JSON request with a bearer key. Who it is is checked before the body is read.
pub async fn take_in(api: &Api, request: Request) -> Result<Incoming, Rejection> {
    let (head, body) = request.into_parts();
    let caller = bearer(api, &head.headers).await?;
    take_in_of(api, caller, &head, body).await
}

/// Takes in the JSON request of a caller who is known already.
pub async fn take_in_of(
    api: &Api,
    caller: Caller,
    head: &request::Parts,
    body: Body,
) -> Result<Incoming, Rejection> {
    receive(api, head, body, caller).await.map_err(|(why, _)| why)
}

/// The same for a report, which is kept if it is refused once its sender is known.
pub async fn take_in_report(
    api: &Api,
    request: Request,
    dialect: &'static str,
) -> Result<Incoming, Rejection> {
    let (head, body) = request.into_parts();
    let caller = bearer(api, &head.headers).await?;
    match receive(api, &head, body, caller).await {
        Ok(incoming) => Ok(incoming),
        Err((why, incoming)) => {
            keep_refused(api, &incoming, dialect, &why).await;
            Err(why)
        }
    }
}

/// The body of a JSON request, for whoever has checked its sender and its path before.
pub async fn json_body(api: &Api, request: Request) -> Result<Bytes, Rejection> {
    check_media_type(request.headers())?;
    read(request.into_body(), &api.limits).await
}

/// Takes in the request of a known caller; one that is refused comes back as far as it was read.
async fn receive(
    api: &Api,
    head: &request::Parts,
    body: Body,
    caller: Caller,
) -> Result<Incoming, (Rejection, Box<Incoming>)> {
    let request = format!("{} {}", head.method, head.uri.path());
    let mut incoming = Incoming { caller, request, body: Bytes::new(), idempotency: None };
    match complete(api, head, body, &mut incoming).await {
        Ok(()) => Ok(incoming),
        Err(why) => Err((why, Box::new(incoming))),
    }
}

async fn complete(
    api: &Api,
    head: &request::Parts,
    body: Body,
    incoming: &mut Incoming,
) -> Result<(), Rejection> {
    incoming.body = read_json(body, &head.headers, &api.limits).await?;
    incoming.idempotency = idempotency(&incoming.caller, head, &incoming.request, &incoming.body)?;
    Ok(())
}

/// Reads a body that is declared as JSON, or not at all. Who sends it has to be known already.
pub async fn read_json(
    body: Body,
    headers: &HeaderMap,
    limits: &Limits,
) -> Result<Bytes, Rejection> {
    check_media_type(headers)?;
    read(body, limits).await
}

/// A body without a type is taken as JSON; one with another type is not.
pub fn check_media_type(headers: &HeaderMap) -> Result<(), Rejection> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json { Ok(()) } else { Err(Rejection::MediaType) }
}

/// Reads a body within the limits.
pub async fn read(body: Body, limits: &Limits) -> Result<Bytes, Rejection> {
    // Whoever asks first whether so much may be sent is told at once.
    if body.size_hint().lower() > limits.body_bytes_max as u64 {
        return Err(Rejection::BodyTooLarge(limits.body_bytes_max));
    }
    let limited = Limited::new(body, limits.body_bytes_max).collect();
    match tokio::time::timeout(limits.body_time_max, limited).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => {
            Err(Rejection::BodyTooLarge(limits.body_bytes_max))
        }
        Ok(Err(_)) => Err(Rejection::BodyCutOff),
        Err(_) => Err(Rejection::BodyTooSlow(limits.body_time_max)),
    }
}

/// An idempotency key is at most this long.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;
/// CI systems run a failed job again within a day.
const OUTCOME_KEPT_FOR: Duration = Duration::from_hours(24);

fn idempotency(
    caller: &Caller,
    head: &request::Parts,
    request: &str,
    body: &[u8],
) -> Result<Option<Idempotency>, Rejection> {
    let Some(value) = head.headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_CHARS_MAX {
        return Err(Rejection::field(
            "Idempotency-Key",
            "must be 1 to 255 visible ASCII characters, such as a UUID",
        ));
    }
    let mut hasher = Sha256::new();
    hasher.update(request.as_bytes());
    hasher.update([0]);
    hasher.update(body);
    Ok(Some(Idempotency {
        key_id: caller.key_id.clone(),
        key: key.to_owned(),
        request_hash: hasher.finalize().into(),
        kept_for: OUTCOME_KEPT_FOR,
    }))
}

/// Keeps a request that was refused before the engine saw it; that it can't be kept is logged only.
pub async fn keep_refused(api: &Api, incoming: &Incoming, dialect: &'static str, why: &Rejection) {
    let raw = incoming.raw(dialect);
    let (code, detail) = (why.code(), why.to_string());
    let kept = api.engine.keep_refused(&incoming.caller, code, &detail, raw).await;
    if let Err(error @ EngineError::Unavailable(_)) = kept {
        Rejection::from(error).log();
    }
}
