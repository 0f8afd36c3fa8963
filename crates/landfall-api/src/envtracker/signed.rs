//! Taking in a signed request: its three headers, its raw body, and who signed them.

use axum::extract::Request;
use axum::http::HeaderMap;
use landfall_domain::signing::{Claim, KNOWN_AGAIN_FOR, seconds};
use landfall_engine::ledger::Idempotency;
use landfall_engine::signed::{NotSigned, Signer};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::error::Failure;
use crate::shared::api::Api;
use crate::shared::body::{Incoming, check_media_type, read};
use crate::shared::json;
use crate::shared::rejection::Rejection;

/// Envtracker, "Webhook configuration": the headers of every request.
pub(super) const KEY_ID: &str = "X-Webhook-Key-Id";
/// Unix time in seconds, decimal.
pub(super) const TIMESTAMP: &str = "X-Webhook-Timestamp";
/// Lower-case hexadecimal HMAC-SHA256.
pub(super) const SIGNATURE: &str = "X-Webhook-Signature";

/// More of a path is not kept with a refused report; the legacy one may be as long as a head.
const PATH_CHARS_MAX: usize = 500;

/// A request whose signer is known.
pub(super) struct Signed {
    /// The request.
    pub incoming: Incoming,
    /// Whether the key opens the legacy URL.
    pub allows_legacy: bool,
    /// The signature, which was checked.
    pub signature: String,
    headers: HeaderMap,
}

/// Takes in a request. The body is read before its sender is known, since the signature covers it.
pub(super) async fn take_in(api: &Api, request: Request) -> Result<Signed, Failure> {
    let (head, body) = request.into_parts();
    let claim = claim(&head.headers)?;
    let body = read(body, &api.limits).await?;
    let signer = api.engine.authenticate_signed(claim, &body).await;
    let Signer { caller, allows_legacy } = signer.map_err(|why| match why {
        NotSigned::Untimely => Failure::Untimely { now: seconds(api.engine.ambient().now()) },
        NotSigned::Engine(why) => why.into(),
    })?;
    let path: String = head.uri.path().chars().take(PATH_CHARS_MAX).collect();
    let request = format!("{} {path}", head.method);
    let signature = claim.signature.to_owned();
    let incoming = Incoming { caller, request, body, idempotency: None };
    Ok(Signed { incoming, allows_legacy, signature, headers: head.headers })
}

fn claim(headers: &HeaderMap) -> Result<Claim<'_>, Failure> {
    Ok(Claim {
        key_id: only(headers, KEY_ID)?,
        timestamp: only(headers, TIMESTAMP)?,
        signature: only(headers, SIGNATURE)?,
    })
}

/// A header that must be there once: of two, one would be checked and the other believed.
fn only<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Failure> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Failure::Header(name)),
        _ => Err(Failure::Header(name)),
    }
}

impl Signed {
    /// Reads the body.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        check_media_type(&self.headers)?;
        json::parse(&self.incoming.body)
    }

    /// What makes the same signed request to the same place count once.
    ///
    /// The signature is over time and body, so it stands for both; it is not over the place.
    pub(super) fn once(&self, place: &str) -> Idempotency {
        let mut hasher = Sha256::new();
        hasher.update(place.as_bytes());
        hasher.update([0]);
        hasher.update(&self.incoming.body);
        Idempotency {
            key_id: self.incoming.caller.key_id.clone(),
            key: format!("signed {} {place}", self.signature),
            request_hash: hasher.finalize().into(),
            kept_for: KNOWN_AGAIN_FOR,
        }
    }
}
